"""What is wrong with a declaration, and the one exception that lists all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True)
class DeclarationProblem:
    """A wrong *name* in a *word* of the declaration of *section*; *nearest* is the valid name most like it."""

    section: str
    word: str
    name: str
    reason: str
    nearest: str | None = None

    def __str__(self) -> str:
        advice = f'; the nearest valid name is "{self.nearest}"' if self.nearest else ""
        return f'{self.section}.{self.word}: "{self.name}" {self.reason}{advice}'


class WrongDeclaration(RuntimeError):
    """The application does not start: its sections or pages declare what does not exist."""

    def __init__(self, problems: Sequence[DeclarationProblem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {each}" for each in self.problems)
        super().__init__(
            f"{len(self.problems)} wrong names in the declarations of sections and pages:\n{lines}"
        )


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The name among *valid* that is most like *name*; None where there is none at all."""
    return next(iter(get_close_matches(name, sorted(valid), n=1, cutoff=0.0)), None)


def listed(view: Any, word: str) -> list[Any]:
    """What a word of the declaration lists; nothing where its value is of another type, which is a problem of its own."""
    value = getattr(view, word, None)
    return list(value) if isinstance(value, tuple | list | dict | set | frozenset) else []
