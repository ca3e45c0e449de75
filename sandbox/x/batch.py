"""Batches: a JSON array of operations that succeed together or not at all."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.x.errors import BatchError, XError, invalid
from sandbox.x.lists import Body
from sandbox.x.showings import Showings
from sandbox.x.state import State

MOST = {"targeting_criteria": 500, "campaigns": 40, "line_items": 40}
Act = Callable[[str, Mapping[str, Any]], Body]


def run(state: State, showings: Showings, edge: str, operations: Any, act: Act) -> Body:
    """`data` of every operation in order; BatchError with every item's errors, nothing done.

    `act(operation type, params)` answers {"data": …} of one operation.
    """
    if not isinstance(operations, list) or not operations:
        raise XError("INVALID_PARAMETER", "the body is a JSON array of operations")
    if len(operations) > MOST[edge]:
        raise XError("INVALID_PARAMETER", f"a batch holds at most {MOST[edge]} operations")
    done: list[Any] = []
    errors: list[list[Body]] = []
    with state.change(), showings.together():
        for operation in operations:
            made, found = _one(operation, act)
            done.append(made)
            errors.append(found)
        if any(errors):
            raise BatchError(errors)
    return {"data": done, "request": operations}


def _one(operation: Any, act: Act) -> tuple[Any, list[Body]]:
    try:
        if not isinstance(operation, dict) or set(operation) != {"operation_type", "params"}:
            raise invalid("operation_type", "an operation has operation_type and params")
        kind, params = operation["operation_type"], operation["params"]
        if kind not in ("Create", "Update", "Delete") or not isinstance(params, dict):
            raise invalid("operation_type", f"{kind} with {params!r} is no operation")
        return act(kind, params)["data"], []
    except XError as error:
        return None, [error.error]
