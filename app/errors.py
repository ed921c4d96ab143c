"""Errors with a message for the user; views show them and tasks do not retry them."""

from typing import Any

from flask_babel import LazyString


class DomainError(Exception):
    """A translatable message with its parameters and, if one field is wrong, its name."""

    def __init__(self, message: LazyString, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


class Conflict(DomainError):
    """A request that is no longer possible, because the state has changed in the meantime."""
