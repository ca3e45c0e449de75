"""Puts the files that the workbench reads from the checkout's root into the wheel.

They go inside a package of ours: a top-level taxonomy/ or data/ would lie among other projects'
packages. An editable install gets no copy, which would go stale; it reads the checkout
(`resources/files/bundled.py`)."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = ("taxonomy", "data", "notebooks", "workspace.yaml")
INTO = "resources/_bundled"


class WheelFiles(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            root = Path(self.root)
            build_data["force_include"] |= {str(root / f): f"{INTO}/{f}" for f in FILES}
