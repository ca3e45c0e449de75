"""Refusals in the words of the Ads API: a CAPS code, its HTTP status, the parameter to blame."""

from typing import Any

# Documented by X (error codes and responses); what is not listed is 400.
_STATUS = {
    "ACCOUNT_NOT_FOUND": 403,
    "ACTION_NOT_ALLOWED": 403,
    "CAMPAIGN_NOT_FOUND": 404,
    "CARD_NOT_FOUND": 404,
    "FUNDING_INSTRUMENT_ACCESS_NOT_ALLOWED": 403,
    "FUNDING_INSTRUMENT_NOT_FOUND": 404,
    "GENERIC_TWEET_ERROR": 403,
    "INTERNAL_ERROR": 500,
    "LINE_ITEM_NOT_FOUND": 404,
    "LOCK_ACQUISITION_TIMEOUT": 423,
    "MEDIA_NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_FOUND": 404,
    "OVER_CAPACITY": 503,
    "PROMOTABLE_USER_NOT_FOUND": 404,
    "PROMOTED_TWEET_NOT_FOUND": 404,
    "ROUTE_NOT_FOUND": 404,
    "SERVICE_UNAVAILABLE": 503,
    "TARGETING_CRITERION_NOT_FOUND": 404,
    "TOO_MANY_REQUESTS": 429,
    "TWEET_NOT_FOUND": 404,
    "UNAUTHORIZED_ACCESS": 401,
    "UNAUTHORIZED_CLIENT_APPLICATION": 403,
    "USER_NOT_FOUND": 403,
    "WEB_EVENT_TAG_NOT_FOUND": 404,
}


class XError(Exception):
    """One refused request. `parameter` names what is wrong with it, where one thing is."""

    def __init__(self, code: str, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.parameter = code, message, parameter

    @property
    def status(self) -> int:
        return _STATUS.get(self.code, 400)

    @property
    def error(self) -> dict[str, Any]:
        """The object that stands in `errors`."""
        shown = {"code": self.code, "message": self.message}
        return shown | ({"parameter": self.parameter} if self.parameter else {})


class BatchError(Exception):
    """A batch that failed as a whole; one list of errors for each item, in their order."""

    def __init__(self, items: list[list[dict[str, Any]]]) -> None:
        super().__init__("a batch was refused")
        self.items = items


def missing(parameter: str) -> XError:
    return XError("MISSING_PARAMETER", f'"{parameter}" is a required parameter', parameter)


def invalid(parameter: str, message: str) -> XError:
    return XError("INVALID_PARAMETER", message, parameter)
