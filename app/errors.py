"""Refusals a user can understand: views show them, tasks do not retry them."""

from typing import Any

from flask_babel import LazyString


class DomainError(Exception):
    """Carries a translatable message, its parameters and, where one is to blame, the form field."""

    def __init__(self, message: LazyString, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


class Conflict(DomainError):
    """Somebody else was quicker; what was asked made sense a moment ago."""
