"""The problems of declarations, and the exception that lists them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from flask_appbuilder import BaseView


@dataclass(frozen=True)
class DeclarationProblem:
    """A wrong *name* in a *word* of the declaration of *section*; *nearest* is the most similar valid name."""

    section: str
    word: str
    name: str
    reason: str
    nearest: str | None = None

    def __str__(self) -> str:
        advice = f'; the nearest valid name is "{self.nearest}"' if self.nearest else ""
        return f'{self.section}.{self.word}: "{self.name}" {self.reason}{advice}'


class WrongDeclaration(RuntimeError):
    """The application does not start, because declarations of sections or pages have problems."""

    def __init__(self, problems: Sequence[DeclarationProblem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {each}" for each in self.problems)
        super().__init__(
            f"Problems in the declarations of sections and pages ({len(self.problems)}):\n{lines}"
        )


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The name in *valid* that is most similar to *name*; None where *valid* is empty."""
    return next(iter(get_close_matches(name, sorted(valid), n=1, cutoff=0.0)), None)


def listed(view: BaseView, word: str) -> list[Any]:
    """The items of a word of the declaration; empty where its value is no collection, which is another problem."""
    value = getattr(view, word, None)
    return list(value) if isinstance(value, tuple | list | dict | set | frozenset) else []
