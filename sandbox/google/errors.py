"""How Google Ads refuses: one GoogleAdsFailure with every error of the request."""

from collections.abc import Sequence
from typing import Any

import grpc
from google.ads.googleads.v26.errors.types import errors as types

Failure: Any = types.GoogleAdsFailure.pb()
Error: Any = types.GoogleAdsError.pb()
FAILURE_KEY = "google.ads.googleads.v26.errors.googleadsfailure-bin"
_CODES = types.ErrorCode.pb().DESCRIPTOR.fields_by_name

Step = str | tuple[str, int]


class Refusal(Exception):
    """One or more errors of a request, with the gRPC status that carries them."""

    def __init__(
        self, *errors: Any, status: grpc.StatusCode = grpc.StatusCode.INVALID_ARGUMENT
    ) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors, self.status = errors, status

    def failure(self, request_id: str) -> Any:
        return Failure(errors=self.errors, request_id=request_id)


def problem(family: str, name: str, message: str, *path: Step, trigger: str = "") -> Any:
    """A GoogleAdsError, as problem("campaign_error", "DUPLICATE_CAMPAIGN_NAME", …).

    KeyError when v26 has no such family or name; `path` leads from the request to the field.
    """
    error = Error(message=message)
    number = _CODES[family].enum_type.values_by_name[name].number
    setattr(error.error_code, family, number)
    if trigger:
        error.trigger.string_value = trigger
    locate(error, path)
    return error


def locate(error: Any, path: Sequence[Step]) -> None:
    """Set where the error lies."""
    del error.location.field_path_elements[:]
    for step in path:
        name, index = step if isinstance(step, tuple) else (step, None)
        element = error.location.field_path_elements.add(field_name=name)
        if index is not None:
            element.index = index


class Problems:
    """What is wrong with one operation; `under` leads to the resource in the request."""

    def __init__(self, *under: Step) -> None:
        self.under = under
        self.errors: list[Any] = []

    def add(self, family: str, name: str, message: str, *path: Step, trigger: str = "") -> Any:
        error = problem(family, name, message, *self.under, *path, trigger=trigger)
        self.errors.append(error)
        return error

    def required(self, *path: Step) -> None:
        self.add("field_error", "REQUIRED", "The required field was not present.", *path)

    def settle(self) -> None:
        """Refusal when something was added."""
        if self.errors:
            raise Refusal(*self.errors)
