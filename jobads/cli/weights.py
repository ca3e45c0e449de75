"""`jobads weights fetch`: the one explicit download, pinned to a revision and its checksums."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import InputError, SetupError
from jobads.output import say

app = typer.Typer(name="weights", help="Optional model weights.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Weights:
    """A model on the Hugging Face hub; `sha256` of each file that is fetched."""

    repository: str
    revision: str
    sha256: Mapping[str, str]


# Checksums as published by others who pin this revision; not yet compared with a download of ours.
PINNED = {
    "bart-large-mnli": Weights(
        "facebook/bart-large-mnli",
        "d7645e127eaf1aefc7862fd59a17a5aa8558b8ce",
        {
            "config.json": "a0f9bcb245b680a96ccae0ad8d155f267ec3e3c971ef4a4937e52ea9ba368a86",
            "merges.txt": "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
            "model.safetensors": "cfbb687dbbd9df99fe865e1860350a22aebac4d26ee4bcb50217f1df606a018e",
            "tokenizer.json": "847bbeab6174d66a88898f729d52fa8d355fafe1bea101cf960dd404581df70e",
            "tokenizer_config.json": (
                "5e04eb606e3a1583530a42e36c2a6b6615c86f34fe77e44d9ddeb43ff940931f"
            ),
            "vocab.json": "06b4d46c8e752d410213d9548eb27a54db70fda0319b6271fb8d59dead5e1cab",
        },
    )
}


@app.callback()
def weights() -> None:
    """Optional model weights; the demo and the tests need none of them."""


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="bart-large-mnli (1.6 GB)")]) -> None:
    """Download pinned weights into the Hugging Face cache and compare their checksums."""
    if name not in PINNED:
        raise InputError(f"{name!r} is not known", mend=f"one of {', '.join(PINNED)}")
    from huggingface_hub import snapshot_download

    model = PINNED[name]
    try:
        path = snapshot_download(
            model.repository, revision=model.revision, allow_patterns=list(model.sha256)
        )
    except Exception as error:  # the hub's client raises a dozen unrelated families
        raise SetupError(
            f"could not fetch {model.repository}: {type(error).__name__}",
            mend="check the network and try again; jobads works without these weights",
        ) from None
    keep_only_true(Path(path), model.sha256)
    say(f"{name} at {path}")


def keep_only_true(folder: Path, sha256: Mapping[str, str]) -> None:
    """Compare every file; what differs is deleted, so that no run can load it. SetupError then."""
    wrong = []
    for name, wanted in sha256.items():
        path = folder / name
        if not path.exists():
            wrong.append(f"{name} is missing")
            continue
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != wanted:
            path.resolve().unlink()  # the cache's blob, and the link to it
            path.unlink(missing_ok=True)
            wrong.append(f"{name} has sha256 {found[:12]}…, not {wanted[:12]}…")
    if wrong:
        raise SetupError(
            "; ".join(wrong),
            where=str(folder),
            mend="fetch again; if it stays so, do not use these weights",
        )
