"""Segmentation's numbers from a YAML file that a person wrote."""

from pathlib import Path

import yaml

from assets.segmentation.config import SegmentationConfig
from domain.errors import InputError


def load_numbers(path: Path | None) -> SegmentationConfig:
    """The defaults with what the file replaces of them; InputError names the file and fault."""
    if path is None:
        return SegmentationConfig()
    try:
        data = yaml.safe_load(path.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise InputError(f"is not YAML{line}", where=str(path), mend="write name: value") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from None
    if not isinstance(data, dict):
        raise InputError("is not a mapping of settings", where=str(path), mend="write name: value")
    try:
        return SegmentationConfig.from_mapping(data)
    except InputError as error:
        raise InputError(error.what, where=str(path), mend=error.mend) from None
