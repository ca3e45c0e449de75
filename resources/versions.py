"""Which version of the code a store was last written by, and what to do where it is another."""

from enum import StrEnum

from domain.errors import SetupError


class SchemaStatus(StrEnum):
    """A store against this version of the code."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def other_version(standing: SchemaStatus, where: str, at: str, ours: str) -> SetupError:
    """Names a store that this version neither reads nor writes, and the way out."""
    if standing is SchemaStatus.NEWER:
        return SetupError(
            f"was written by a newer version of jobads ({at}, this one has {ours})",
            where=where,
            mend="install that version or a newer one",
        )
    return SetupError(
        f"is of an older version of jobads ({at}, this one has {ours})",
        where=where,
        mend="run jobads upgrade, which makes a backup first",
    )
