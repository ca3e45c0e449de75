"""Graph's way to refuse: nearly always HTTP 400, told apart by code and subcode."""

import json
from typing import Any


class GraphError(Exception):
    """One refused request, as Graph words it."""

    def __init__(
        self,
        message: str,
        code: int = 100,
        subcode: int | None = None,
        *,
        status: int = 400,
        title: str = "",
        blame: list[list[str]] | None = None,
        transient: bool = False,
        kind: str = "OAuthException",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {
            "message": message,
            "type": kind,
            "code": code,
            "is_transient": transient,
            "fbtrace_id": "EMUtrace",
        }
        if subcode is not None:
            self.error["error_subcode"] = subcode
        if title:
            self.error |= {"error_user_title": title, "error_user_msg": message}
        if blame:
            self.error["error_data"] = json.dumps({"blame_field_specs": blame})


def employment(subcode: int, message: str, *blame: str) -> GraphError:
    """A breach of the special ad category's rules."""
    return GraphError(
        message, 100, subcode, title="Special Ad Category Errors", blame=[list(blame)]
    )


def missing(name: str) -> GraphError:
    return GraphError(f"(#100) The parameter {name} is required")


def gone(object_id: str) -> GraphError:
    return GraphError(
        f"Unsupported get request. Object with ID '{object_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation",
        100,
        33,
        kind="GraphMethodException",
    )
