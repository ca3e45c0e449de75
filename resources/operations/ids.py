"""Ids of teams, ads and users, as callers give them and as the database keeps them."""

from uuid import UUID

from domain.errors import NotFound

Id = str | UUID


def canonical(value: Id, what: str) -> str:
    """A UUID's 36 characters; NotFound for text that can name nothing."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise NotFound(
            f"{what} {str(value)[:60]!r} does not exist", mend="see jobads teams list, ads list"
        ) from None
