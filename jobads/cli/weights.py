"""`jobads weights fetch`: the one explicit download, pinned to a revision."""

from typing import Annotated

import typer

from domain.errors import InputError, SetupError

app = typer.Typer(name="weights", help="Optional model weights.", no_args_is_help=True)

PINNED = {
    "bart-large-mnli": ("facebook/bart-large-mnli", "d7645e127eaf1aefc7862fd59a17a5aa8558b8ce")
}


@app.callback()
def weights() -> None:
    """Optional model weights; the demo and the tests need none of them."""


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="bart-large-mnli")]) -> None:
    """Download pinned weights into the Hugging Face cache."""
    if name not in PINNED:
        raise InputError(f"{name!r} is not known", mend=f"one of {', '.join(PINNED)}")
    from huggingface_hub import snapshot_download

    repository, revision = PINNED[name]
    try:
        path = snapshot_download(
            repository,
            revision=revision,
            allow_patterns=["*.json", "*.txt", "model.safetensors"],
        )
    except Exception as error:  # the hub's client raises a dozen unrelated families
        raise SetupError(
            f"could not fetch {repository}: {type(error).__name__}",
            mend="check the network and try again; jobads works without these weights",
        ) from None
    print(f"{name} at {path}")
