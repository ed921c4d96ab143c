"""Doubts about values: the form asks once, and saves them when it is sent again with what it was asked."""

from __future__ import annotations

from collections.abc import Container, Iterable

from flask import has_request_context, request

from app.errors import DomainError, Unsure

# The hidden fields with the codes of the doubts that the form has shown.
SURE = "_sure"


class _Everything(Container[str]):
    """All codes: a program says what it means and is not asked."""

    def __contains__(self, _code: object) -> bool:
        return True


def answered_doubts() -> Container[str]:
    """The codes of the doubts that the sent form has shown; all of them for REST and for files."""
    if not has_request_context() or request.is_json:
        return _Everything()
    return frozenset(request.form.getlist(SURE))


def codes_of(error: DomainError) -> list[str]:
    """The codes of the doubts in *error*; empty where one of its parts is no doubt, but an error to be mended."""
    codes = [each.code for each in error.parts if isinstance(each, Unsure)]
    return codes if len(codes) == len(error.parts) else []


def doubt_fields(codes: Iterable[str]) -> list[tuple[str, str]]:
    """The hidden fields for doubts of this and of earlier answers."""
    return [(SURE, code) for code in dict.fromkeys([*request.form.getlist(SURE), *codes])]
