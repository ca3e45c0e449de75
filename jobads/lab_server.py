"""JupyterLab with its token as an argument that stands on no command line.

python -m jobads.lab_server ARGUMENTS, with the token in JUPYTER_TOKEN. In the environment alone it
would only be a default: a person's own settings may switch tokens off. Arguments win over settings.
"""

import os
import sys
from collections.abc import Sequence

VARIABLE = "JUPYTER_TOKEN"


def arguments(given: Sequence[str], token: str) -> list[str]:
    """The arguments with the token, for each class whose settings could name another."""
    classes = ("IdentityProvider", "PasswordIdentityProvider")
    provider = "jupyter_server.auth.identity.PasswordIdentityProvider"
    return [
        *given,
        f"--ServerApp.identity_provider_class={provider}",
        *(f"--{name}.token={token}" for name in classes),
    ]


def main() -> None:
    from jupyterlab.labapp import LabApp

    token = os.environ.get(VARIABLE, "")
    if not token:
        sys.exit(f"{VARIABLE} is not set: without it anybody of this machine would get in")
    LabApp.launch_instance(arguments(sys.argv[1:], token))


if __name__ == "__main__":
    main()
