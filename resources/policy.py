"""The dated policy tables of a network, read from their file."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from domain.errors import SetupError
from domain.platform import Network

ROOT = Path(__file__).resolve().parents[1]


@cache
def load_policy(network: Network, root: Path = ROOT) -> dict[str, Any]:
    """taxonomy/policy/<network>.yaml, parsed; SetupError when there is none."""
    path = root / "taxonomy" / "policy" / f"{network}.yaml"
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SetupError(
            f"no readable policy for {network}: {type(error).__name__}", where=path.name
        ) from None
    if not isinstance(data, dict) or data.get("network") != network:
        raise SetupError(f"this is no policy of {network}", where=path.name)
    return data
