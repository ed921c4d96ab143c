"""One language, hence one catalogue: kept once it is read, where Flask-Babel works out which one with every word."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Flask, current_app, has_app_context
from flask_babel import Domain


class OneLanguage(Domain):
    """The words of the panel's only language."""

    _kept: Any = None

    def get_translations(self) -> Any:
        if self._kept is None:
            found = super().get_translations()
            if not has_app_context():
                return found
            self._kept = found
        return self._kept


def language() -> str:
    """In what language a request is answered; worked out only where there are several."""
    known: dict[str, Any] = current_app.config["LANGUAGES"]
    return next(iter(known)) if len(known) == 1 else str(flask_babel.get_locale())


def init_language(app: Flask) -> None:
    """Must come after FAB, which sets Babel up."""
    if len(app.config["LANGUAGES"]) == 1:
        words = OneLanguage(domain=app.extensions["babel"].default_domain)
        app.extensions["babel"].instance.domain_instance = words
        # Templates ask here at once, not by way of the request's language.
        app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # by Jinja's extension
            lambda text: words.get_translations().gettext(text),
            lambda one, many, number: words.get_translations().ngettext(one, many, number),
            newstyle=True,
        )
        # Its own way looks three times at the request for every word, to find the same catalogue.
        flask_babel.get_domain = lambda: words
