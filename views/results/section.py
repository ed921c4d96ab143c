"""The base of sections whose side panel registers results: titles, choices of a chip, SMS, undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import abort, request
from flask_babel import gettext as _

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.lib.digits import parse_int
from app.panel.action import Done
from app.panel.actor import acting_organization, member_id
from app.panel.formatting import spoken_time
from app.panel.section import Section
from app.panel.side import Choice, EntryForm
from app.services.next_contact import suggested_moment, suggestion_of
from app.services.result import Result, result_titles
from app.services.sms.campaign.create import create_campaign
from app.services.sms.campaign.recipients import Selection
from models.member import Member
from models.organization import Organization
from models.result_title import ResultKind, ResultScope, ResultTitle
from models.sms.campaign import CampaignKind
from views.results.form import ResultForm


class Results(Section):
    """A section declares `result_scope`, a `panel` with a `ResultForm`, and how an entry is recorded and undone."""

    result_scope: ClassVar[ResultScope]
    # The template of further fields below the titles.
    below_titles: ClassVar[str | None] = None

    def record_entry(self, row: Any, result: Result) -> int:
        """Record *result* of *row*; returns the key of the entry."""
        raise NotImplementedError

    def receivers(self, row: Any) -> Selection:
        """Who gets the SMS that a title offers."""
        raise NotImplementedError

    def name_of(self, row: Any) -> str:
        """Whose result it is, for messages."""
        return str(row.customer)

    def recorded_words(self, who: str) -> str:
        """What the toast says after an entry about *who*."""
        return _("The result for %(who)s is recorded.", who=who)

    def result_of(self, form: Any) -> Result:
        """The result in *form*; raises `DomainError`."""
        title = form.chosen()
        if title is None:
            raise DomainError(_("Choose one of the result titles."), field="result_title")
        return Result(
            title=title,
            note=form.note.data,
            next_at=form.next_at.data,
            uploads=[Upload(file.filename, file.stream) for file in form.files.data or ()],
            # The undo of a result finds its SMS by the token.
            token=form.shown_token or (uuid4() if form.send_sms.data else None),
            version=form.shown_version,
        )

    def panel_form(self, row: Any) -> EntryForm:
        form = super().panel_form(row)
        if isinstance(form, ResultForm):
            form.result_title.data = parse_int(request.args.get("choice", ""))
        return form

    def panel_context(self, row: Any, form: EntryForm) -> dict[str, Any]:
        organization = _organization()
        titles = [(each, suggestion_of(each, organization)) for each in result_titles(self.result_scope)]
        return {"titles": titles, "extra": self.below_titles}

    def register(self, row: Any, form: EntryForm) -> Done:
        result = self.result_of(form)
        # The reference outlives the refreshed row, so that the message and the audit event read the customer once.
        _customer = row.customer
        entry = self.record_entry(row, result)
        if isinstance(form, ResultForm) and form.send_sms.data:
            _send_sms(self.receivers(row), result)
        return self._done(row, None if result.sale else entry)

    def choices(self) -> Sequence[Choice]:
        organization = _organization()
        return [_choice_of(title, organization) for title in result_titles(self.result_scope)]

    def register_choice(self, row: Any, choice: int, token: UUID) -> Done:
        title = db.session.get(ResultTitle, choice) or abort(404)
        moment = suggested_moment(title, _organization())
        entry = self.record_entry(row, Result(title, next_at=moment, token=token))
        return self._done(row, entry, title)

    def _done(self, row: Any, entry: int | None, title: ResultTitle | None = None) -> Done:
        who = self.name_of(row)
        undo = self.entry_undo_url(row, entry) if entry else None
        if title is None:
            return Done(self.recorded_words(who), undo)
        return Done(_("«%(title)s» is recorded for %(who)s.", title=title.title, who=who), undo)


def _organization() -> Organization:
    organization: Any = acting_organization()
    found: Organization = organization
    return found


def _choice_of(title: ResultTitle, organization: Organization) -> Choice:
    moment = suggested_moment(title, organization)
    hint = ""
    needs_more = title.kind is ResultKind.WON
    if title.requires_note:
        hint, needs_more = _("needs a note"), True
    elif title.requires_file:
        hint, needs_more = _("needs a file"), True
    elif title.requires_next and moment is None:
        hint, needs_more = _("needs a time"), True
    elif moment is not None:
        hint = _("Contact: %(at)s", at=spoken_time(moment).words)
    return Choice(title.id, title.title, title.colour.value, hint, needs_more)


def _send_sms(receivers: Selection, result: Result) -> None:
    """Queue the message that the result title offers, in the same transaction."""
    template = result.title.sms_template
    if template is None or not template.is_active:
        return
    create_campaign(
        receivers,
        template,
        client_token=result.token or uuid4(),
        by=db.session.get_one(Member, member_id()),
        kind=CampaignKind.SINGLE,
        needs_receiver=False,
    )
