"""Command line of the sandbox: ``python -m app.sandbox PORT``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from app.sandbox.server import SandboxServer

_VAR = Path(os.environ.get("VAR_DIR") or Path(__file__).parents[2] / "var")


def main() -> None:
    parser = argparse.ArgumentParser(prog="app.sandbox")
    parser.add_argument("port", type=int, nargs="?", default=8001)
    parser.add_argument("--folder", type=Path, help="folder of the ledger and the settings")
    parser.add_argument("--certificate", type=Path, help="serve TLS with this certificate")
    parser.add_argument("--key", type=Path, help="the certificate's key")
    given = parser.parse_args()
    folder = given.folder or _VAR / "sandbox" / str(given.port)
    tls = (given.certificate, given.key) if given.certificate else None
    SandboxServer(given.port, folder, tls=tls).serve_forever()


if __name__ == "__main__":
    main()
