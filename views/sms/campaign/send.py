"""The dialog for sending SMS: receivers, text, preview and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.errors import DomainError
from app.extensions import appbuilder, db
from app.lib.digits import parse_int
from app.panel.access import lock_membership, permitted, requires, wants_fragment
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.bulk.selection import ALL, TYPED, UnreadableQuery, matching, read_count
from app.panel.bulk.ticked import ticked_keys
from app.panel.forms.builder import MayBeEmpty, PanelForm
from app.panel.forms.fields import JalaliDateTimeField
from app.panel.rates.groups import Group, limited
from app.panel.responses import failure, success, success_at
from app.panel.section import Section
from app.services.sms.campaign.create import CreatedCampaign, create_campaign
from app.services.sms.campaign.preview import TYPED_ABOVE, preview
from app.services.sms.campaign.recipients import Selection
from app.services.sms.text.footer import split_footer
from app.services.sms.text.template import active_templates
from models.member import Member
from models.sms.campaign import Audience, CampaignKind
from models.sms.template import SmsTemplate

AUDIENCES = {"follow-ups": Audience.FOLLOW_UPS, "customers": Audience.CUSTOMERS}
SMS = "sms"
# The number of receivers that the dialog showed.
SHOWN = "_receivers"


class SendForm(PanelForm):
    scheduled_at = JalaliDateTimeField(
        _l("Send at"), [MayBeEmpty()], description=_l("Empty means at once, within the hours of sending.")
    )


@dataclass(frozen=True)
class Chosen:
    """The chosen receivers, and the hidden fields that select them again."""

    section: Any
    selection: Selection
    carried: Sequence[tuple[str, str]]
    label: str
    is_single: bool


def rate_group() -> Group:
    """The group of a step of the dialog: the last one sends to one receiver or to many."""
    if request.form.get("_step") != "run":
        return Group.PAGE
    is_one = len(request.form.getlist("rowid")) == 1 and not request.form.get(ALL)
    return Group.SMS if is_one or "pk" in (request.view_args or {}) else Group.CAMPAIGN


class SmsSending(Section):
    """POST /send/<slug>, first without and then with `_step=run`."""

    @expose("/send/<slug>", methods=["POST"])
    @requires("add")
    @limited(write=rate_group)
    def send(self, slug: str) -> Any:
        return self._step(slug, [(key, value) for key, value in request.form.items(multi=True)])

    @expose("/send/<slug>/<pk>", methods=["POST"])
    @requires("add")
    @limited(write=rate_group)
    def send_one(self, slug: str, pk: str) -> Any:
        """The dialog for one row, from the ⋮ menu."""
        return self._step(slug, [("rowid", pk), ("_one", "1")])

    def _step(self, slug: str, sent: Sequence[tuple[str, str]]) -> Any:
        section = _section(slug)
        if request.form.get("_step") == "run":
            lock_membership()
        try:
            chosen = _chosen(section, slug, MultiDict(sent))
        except UnreadableQuery as error:
            return failure(str(error), section.base_url)
        form = SendForm()
        template = _template()
        if request.form.get("_step") != "run" or template is None:
            return self._dialog(chosen, template, form)
        if not form.validate():
            return self._dialog(chosen, template, form), 422
        return self._send(chosen, template, form)

    def _send(self, chosen: Chosen, template: SmsTemplate, form: SendForm) -> Any:
        by = db.session.get_one(Member, member_id())
        if not _is_confirmed(chosen.selection):
            return self._dialog(chosen, template, form, mistake=_("Write exactly this number.")), 422
        try:
            made = _create(chosen, template, by, form.scheduled_at.data)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return self._dialog(
                _chosen(chosen.section, chosen.section.slug, request.form), _template(), form
            ), 422
        return self._sent(chosen, made)

    def _sent(self, chosen: Chosen, made: CreatedCampaign) -> Any:
        if chosen.is_single:
            words = _("The SMS to %(who)s is in the queue.", who=chosen.label)
            if not made.is_new:
                words = _("This message was registered before and is sent once.")
            return success(Done(words), f"{chosen.section.base_url}?tab=all")
        url = f"{self.base_url}show/{made.campaign.id}" + ("" if made.is_new else "?again=1")
        words = _("The sending is registered.")
        if not made.is_new:
            words = _("This sending was registered before and is sent once.")
        return success_at(Done(words), url)

    def _dialog(
        self, chosen: Chosen, template: SmsTemplate | None, form: SendForm, *, mistake: str = ""
    ) -> str:
        by = db.session.get_one(Member, member_id())
        seen = preview(chosen.selection, template, by) if template is not None else None
        return self.render_template(
            "sms/send.html",
            layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
            chosen=chosen,
            url=f"{self.base_url}send/{chosen.section.slug}",
            templates=active_templates(),
            wanted=template,
            seen=seen,
            samples=[split_footer(text) for text in seen.samples] if seen else [],
            form=form,
            mistake=mistake,
            token=request.form.get("_token") or str(uuid4()),
            may_write=permitted(_section_of(SmsTemplate), "can_add"),
        )


def _section(slug: str) -> Any:
    """The section of the receivers, if the member may send SMS there."""
    if slug not in AUDIENCES:
        abort(404)
    section = next(view for view in appbuilder.baseviews if getattr(view, "slug", "") == slug)
    if not permitted(section, f"can_{SMS}"):
        abort(403)
    return section


def _section_of(model: Any) -> Any:
    return next(view for view in appbuilder.baseviews if getattr(view, "model", None) is model)


def _chosen(section: Any, slug: str, sent: MultiDict[str, str]) -> Chosen:
    if sent.get(ALL):
        found = matching(section, sent)
        selection = Selection(AUDIENCES[slug], found.statement)
        return Chosen(section, selection, found.carried(sent), "", is_single=False)
    rows = section.rows_in_scope(ticked_keys(sent))
    carried = [("rowid", str(row.id)) for row in rows]
    is_single = sent.get("_one") == "1" and len(rows) == 1
    if is_single:
        carried.append(("_one", "1"))
    return Chosen(
        section,
        Selection(AUDIENCES[slug], [row.id for row in rows]),
        carried,
        str(rows[0]),
        is_single=is_single,
    )


def _is_confirmed(selection: Selection) -> bool:
    """Whether the receivers are few, or the member typed the number that the dialog showed."""
    shown, typed = read_count(request.form.get(SHOWN, "")), read_count(request.form.get(TYPED, ""))
    if shown is None:
        return selection.count() <= TYPED_ABOVE
    return shown <= TYPED_ABOVE or typed == shown


def _template() -> SmsTemplate | None:
    key = parse_int(request.form.get("template"))
    found = db.session.get(SmsTemplate, key) if key is not None else None
    return found if found is not None and found.is_active else None


def _create(chosen: Chosen, template: SmsTemplate, by: Member, at: datetime | None) -> CreatedCampaign:
    try:
        token = UUID(request.form.get("_token", ""))
    except ValueError:
        token = uuid4()
    kind = CampaignKind.SINGLE if chosen.is_single else CampaignKind.BULK
    return create_campaign(chosen.selection, template, client_token=token, by=by, kind=kind, scheduled_at=at)
