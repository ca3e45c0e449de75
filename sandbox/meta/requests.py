"""A request's parameters, wherever the caller put them."""

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

MOST_FIELD = 40 * 1024 * 1024


async def parameters_of(request: Request) -> dict[str, Any]:
    """Query and form as one: what looks like JSON is read as JSON, a file becomes
    {"filename", "data"}."""
    found: dict[str, Any] = {k: _parsed(v) for k, v in request.query_params.items()}
    if request.method == "POST":
        async with request.form(max_part_size=MOST_FIELD) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    found[name] = {"filename": value.filename or name, "data": await value.read()}
                else:
                    found[name] = _parsed(value)
    return found


def _parsed(value: str) -> Any:
    if value[:1] in "[{" and value:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return {"true": True, "false": False}.get(value, value)
