"""A request taken apart: parameters of query and form, JSON, a file, and the OAuth signature."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from sandbox.x.signing import BadSignature, Signed, signed

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """`params`: query and form together. `signed` is None when `unsigned` says why."""

    method: str
    path: str
    params: dict[str, str]
    body: Any
    file: bytes | None
    signed: Signed | None
    unsigned: str


async def parse_request(request: Request) -> ApiRequest:
    """Nothing is refused here; a body that is no JSON is None."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    body, file, parts = None, None, {}
    if kind == "multipart/form-data":
        async with request.form(max_part_size=64 << 20) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    file = await value.read()
                elif name == "media":
                    file = value.encode()
                else:
                    parts[name] = value
    else:
        raw = await request.body()
        if kind == _FORM:
            pairs += parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
        elif raw:
            body = _json(raw)
    path = request.scope.get("raw_path", request.url.path.encode()).decode().partition("?")[0]
    told, why = None, ""
    try:
        told = signed(
            request.method,
            request.url.scheme,
            request.headers.get("host", ""),
            path,
            pairs,
            request.headers.get("authorization", ""),
        )
    except BadSignature as error:
        why = str(error)
    return ApiRequest(
        request.method, request.url.path.strip("/"), dict(pairs) | parts, body, file, told, why
    )


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
