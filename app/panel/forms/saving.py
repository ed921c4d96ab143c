"""Storing a row from its form, with the checks of versions, rules and unique keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from app.errors import DomainError
from app.extensions import db
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm
from app.panel.forms.idempotency import claim, note_row
from app.panel.forms.lines.rows import add_up
from app.panel.forms.locking import refuse_stale
from app.panel.forms.owner import preset_owner
from app.panel.forms.parents_form import own_part, write_parents
from app.panel.forms.position import place_last
from app.panel.forms.related_rows import RelatedRow, refuse_stale_parents
from app.panel.forms.rules import refuse_broken_rules
from app.panel.forms.uniqueness import refuse_taken, taken_by_race
from models.audit.recorder import name_event
from models.base import Row


class SavesForm(Declaration):
    """A section that stores rows from forms."""

    def save(
        self,
        item: Row,
        form: PanelForm,
        names: Sequence[str],
        *,
        existing: bool,
        sent: MultiDict[str, str],
        related: Sequence[RelatedRow] = (),
    ) -> Any:
        """Save and commit the row and return it; None when a value was refused, with the reason on the form.

        *sent* has the hidden fields: the row's version, or the nonce of a new row.
        """
        try:
            claimed = None
            if existing:
                refuse_stale(item, sent)
                refuse_stale_parents(related, sent)
                write_parents(form, related)
            else:
                claimed = claim(type(self).__name__, sent)
            saved = self.write(item, own_part(form, names, related), names, existing=existing)
            note_row(claimed, saved.id)
            name_event(db.session(), "edit" if existing else "add", self.model, [saved.id])
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        except IntegrityError as error:
            db.session.rollback()
            form.refuse(taken_by_race(error, names))
        else:
            return saved
        return None

    def write(self, item: Any, form: PanelForm, names: Sequence[str], *, existing: bool) -> Any:
        """The row as the form fills it, flushed; raises `DomainError` or `IntegrityError` for what can't be stored."""
        with db.session.no_autoflush:
            saved = self.store(item, form, existing=existing)
            add_up(saved, self.lines)
        refuse_broken_rules(self, [saved])
        refuse_taken(self.model, saved, names)
        db.session.flush()
        return saved

    def store(self, item: Any, form: PanelForm, *, existing: bool) -> Any:
        """Write the form's values into the row; an override may call a service instead."""
        form.populate_obj(item)
        if not existing:
            preset_owner(self, item)
            place_last(self, item)
            db.session.add(item)
        return item

    def preset(self, form: PanelForm) -> None:
        """Fill fields of a new form, from its address for example."""

    def saved_words(self, item: Row, *, existing: bool) -> str:
        """What the toast says after the form of *item*."""
        words: str = _("%(what)s saved.", what=str(item))
        return words

    def after_save_url(self, item: Row) -> str:
        return self.back_url(item)
