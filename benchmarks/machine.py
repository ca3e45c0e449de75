"""The machine and the packages that a table of results was measured with."""

import os
import platform
from importlib import metadata
from pathlib import Path


def machine() -> str:
    """One line: processor, cores, memory, Python and versions."""
    versions = (
        "torch",
        "sentence-transformers",
        "umap-learn",
        "scikit-learn",
        "duckdb",
        "bertopic",
    )
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    shown = ", ".join(f"{name} {_version(name)}" for name in versions)
    return (
        f"{model}, {os.cpu_count()} cores, {pages / 2**30:.0f} GiB, "
        f"Python {platform.python_version()}; {shown}"
    )


def _version(name: str) -> str:
    """A peer need not be installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "-"
