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
        text = path.read_text("utf-8")
        root, data = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise InputError(f"is not YAML{line}", where=str(path), mend="write name: value") from None
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise InputError(what, where=str(path), mend="name a file of settings") from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8", where=str(path), mend="save it as UTF-8") from None
    names = [str(name.value) for name, _ in root.value] if isinstance(data, dict) and root else []
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"gives {', '.join(twice)} twice", where=str(path), mend="leave one")
    if not isinstance(data, dict):
        raise InputError("is not a mapping of settings", where=str(path), mend="write name: value")
    try:
        return SegmentationConfig.from_mapping(data)
    except InputError as error:
        raise InputError(error.what, where=str(path), mend=error.mend) from None
