"""The translations of a panel with one language, whose catalogue is looked up once instead of for each text."""

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
    """Replace the catalogue lookup of Flask-Babel where the panel has one language."""
    # After the initialisation of FAB, which initialises Flask-Babel.
    if len(app.config["LANGUAGES"]) > 1:
        return
    translations = OneLanguage(domain=app.extensions["babel"].default_domain)
    app.extensions["babel"].instance.domain_instance = translations
    # Templates call the catalogue directly, because Flask-Babel makes three context lookups for each text.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # from Jinja's i18n extension
        lambda text: translations.get_translations().gettext(text),
        lambda one, many, number: translations.get_translations().ngettext(one, many, number),
        newstyle=True,
    )
