"""Errors with a message for the user; views show them and tasks do not retry them."""

from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString

from app.lib.persian import group_number


class DomainError(Exception):
    """A translatable message with its parameters and, if one field is wrong, its name."""

    def __init__(self, message: LazyString, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.params = params

    @property
    def parts(self) -> Sequence["DomainError"]:
        """The single refusals of which this one is made, each with a field of its own."""
        return (self,)

    def __str__(self) -> str:
        return str(self.message) % _shown(self.params) if self.params else str(self.message)


def _shown(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with whole numbers in Persian digits."""
    return {name: group_number(value) if type(value) is int else value for name, value in params.items()}


class Refusals(DomainError):
    """Several refusals of one row, each beside its own field."""

    def __init__(self, *errors: DomainError) -> None:
        super().__init__(errors[0].message, field=errors[0].field, **errors[0].params)
        self.errors = errors

    @property
    def parts(self) -> Sequence[DomainError]:
        return self.errors

    def __str__(self) -> str:
        return " ".join(map(str, self.errors))


class Conflict(DomainError):
    """A request that is no longer possible, because the state has changed in the meantime."""


class RowChanged(Conflict):
    """A form that shows an older version of its row; the member is asked once more."""


class Unsure(DomainError):
    """A value that is possible and unusual: the form asks once, and saves it when it is sent again.

    The form sends the `code` of each doubt back; a doubt whose code is different by then is asked anew.
    """

    def __init__(self, message: LazyString, *, code: str, field: str | None = None, **params: Any) -> None:
        super().__init__(message, field=field, **params)
        self.code = code
