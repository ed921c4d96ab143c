"""The panel's only language: its catalogue is found once, where Flask-Babel looks the language up with every word."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Flask, current_app, has_app_context
from flask_babel import Domain


class OneLanguage(Domain):
    """Flask-Babel's translation domain with one catalogue."""

    _catalogue: Any = None

    def get_translations(self) -> Any:
        if self._catalogue is None:
            found = super().get_translations()
            if not has_app_context():
                return found
            self._catalogue = found
        return self._catalogue


def language() -> str:
    """The language of the response."""
    known: dict[str, Any] = current_app.config["LANGUAGES"]
    return next(iter(known)) if len(known) == 1 else str(flask_babel.get_locale())


def init_language(app: Flask) -> None:
    """Must come after FAB, which sets Babel up."""
    if len(app.config["LANGUAGES"]) > 1:
        return
    words = OneLanguage(domain=app.extensions["babel"].default_domain)
    app.extensions["babel"].instance.domain_instance = words
    # Templates call the catalogue directly; by way of Flask-Babel each word costs three context lookups.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # by Jinja's extension
        lambda text: words.get_translations().gettext(text),
        lambda one, many, number: words.get_translations().ngettext(one, many, number),
        newstyle=True,
    )
