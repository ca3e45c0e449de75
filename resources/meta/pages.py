"""The rows of Meta's lists, page by page."""

from typing import Any

from domain.errors import Retryable

PAGES = 1000
"""Pages of one list: no account of ours has so many, and a list must end."""


def rows(cursor: Any, account_id: str, what: str) -> list[Any]:
    """Every row of a list; `cursor` is the SDK's, which has loaded the first page. Retryable when
    Meta names a page again that was asked for, or more than PAGES."""
    found: list[Any] = []
    asked: set[str] = set()
    for _ in range(PAGES):
        found += [next(cursor) for _ in range(len(cursor))]
        after = str(cursor.params.get("after"))
        if not cursor.load_next_page():
            return found
        if after in asked:
            raise Retryable(f"{account_id} lists a page twice", where=f"Meta {what}")
        asked.add(after)
    raise Retryable(f"{account_id} lists more than {PAGES} pages", where=f"Meta {what}")
