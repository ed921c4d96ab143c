"""The rights of each role in each section: what the declarations grant beside what `tests/data/rights.csv` pins.

``python -m tests.support.rights`` prints the rows of the declarations, to be compared with what was meant.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from app.panel.page import Page
from app.panel.section import Section
from tests.support.cells import read_table

# The letters of the rights that most sections know; any other right stands under its own name.
LETTERS = {
    "can_list": "L",
    "can_show": "V",
    "can_add": "A",
    "can_edit": "E",
    "can_delete": "D",
    "can_trail": "H",
    "can_export": "X",
    "can_import": "I",
}
Rights = Mapping[tuple[str, str], str]


def letters_of(permissions: Iterable[str]) -> str:
    """The rights as one text: letters in their order, then names."""
    held = set(permissions)
    letters = "".join(letter for right, letter in LETTERS.items() if right in held)
    names = sorted(right.removeprefix("can_") for right in held - LETTERS.keys())
    return " ".join([letters, *names] if letters else names)


def views() -> list[Any]:
    """The sections and pages of the product; tests declare some of their own."""
    return [each for each in (*Section.registry, *Page.registry) if each.__module__.startswith("views.")]


def declared_rights() -> Rights:
    """(section, role) and what the role may do there, by the declarations."""
    pairs = [(view.slug, role, grant) for view in views() for role, grant in view.roles.items()]
    return {(slug, role): letters_of(grant.permissions) for slug, role, grant in pairs}


def pinned_rights() -> Rights:
    return {(row["section"], row["role"]): row["letters"] for row in read_table("rights.csv")}


def differences(declared: Rights, pinned: Rights) -> list[str]:
    """A line for each right that only one side knows."""
    lines = [
        f"no row: {slug},{role},{declared[slug, role]}" for slug, role in declared.keys() - pinned.keys()
    ]
    lines += [
        f"a row of nothing: {slug},{role},{pinned[slug, role]}"
        for slug, role in pinned.keys() - declared.keys()
    ]
    for key in declared.keys() & pinned.keys():
        if declared[key] != pinned[key]:
            lines.append(f"{','.join(key)}: declared «{declared[key]}», pinned «{pinned[key]}»")
    return sorted(lines)


def main() -> None:
    from app.factory import create_app  # noqa: PLC0415 - a script's own start

    create_app()
    for (slug, role), letters in sorted(declared_rights().items()):
        sys.stdout.write(f"{slug},{role},{letters}\n")


if __name__ == "__main__":
    main()
