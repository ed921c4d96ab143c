"""Every sentence of the sources has its Persian translation, and none is left over from yesterday."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

CATALOGUE = Path("translations/fa/LC_MESSAGES/messages.po")


def is_translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(strings) and all(strings) and not message.fuzzy


def main() -> None:
    with tempfile.NamedTemporaryFile(suffix=".pot") as template:
        keywords = ["-k", "lazy_gettext", "-k", "_l", "-k", "counted:1,2"]
        command = ["pybabel", "-q", "extract", "-F", "babel.cfg", *keywords, "-o", template.name, "."]
        subprocess.run(command, check=True)
        with Path(template.name).open("rb") as file:
            wanted = {message.id for message in read_po(file) if message.id}
    with CATALOGUE.open("rb") as file:
        known = {message.id: message for message in read_po(file, locale="fa") if message.id}
    missing = [key for key in wanted if key not in known or not is_translated(known[key])]
    for key in missing:
        sys.stderr.write(f"not translated: {key!r}\n")
    for key in known.keys() - wanted:
        sys.stderr.write(f"no longer used: {key!r}\n")
    if missing or known.keys() - wanted:
        sys.exit(1)
    sys.stdout.write(f"Catalogue: {len(wanted)} sentences, all in Persian.\n")


if __name__ == "__main__":
    main()
