"""Result titles, one of which a consultant picks after a call, with their colour and required fields."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, relationship

from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, live_unique, reads
from models.sms.template import SmsTemplate
from models.types import Choice, Colour, choice


class ResultColour(Colour):
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    AMBER = "amber", _("Amber")
    LIME = "lime", _("Lime")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    BLUE = "blue", _("Blue")
    INDIGO = "indigo", _("Indigo")
    VIOLET = "violet", _("Violet")
    GRAY = "gray", _("Gray")


class ResultScope(Choice):
    FOLLOW_UP = "follow_up", _("Follow-up")
    SUPPORT = "support", _("Support")


class ResultKind(Choice):
    """The effect of a result on the follow-up."""

    OPEN = "open", _("Open")
    CALLBACK = "callback", _("Call again")
    UNREACHABLE = "unreachable", _("Unreachable")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    INVALID = "invalid", _("Invalid")

    @property
    def is_of_support(self) -> bool:
        """Whether titles for support may have the kind; the others end an order."""
        return not self.closes

    @property
    def closes(self) -> bool:
        return self in {ResultKind.WON, ResultKind.LOST, ResultKind.INVALID}


class SuggestedTime(Choice):
    """When a result title suggests the next contact; `suggested_count` is the number of the unit."""

    MINUTES = "minutes", _("After some minutes")
    HOURS = "hours", _("After some hours")
    DAYS = "days", _("After some days, same time")
    MORNING = "morning", _("Next working morning")

    @property
    def is_counted(self) -> bool:
        return self is not SuggestedTime.MORNING


MOST_SUGGESTED = 999


class ResultTitle(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "result_titles"
    __table_args__ = (live_unique("uq_result_titles_title", "organization_id", "scope", "title"),)

    title: Mapped[str] = field(_("Title"), String(80))
    colour: Mapped[ResultColour] = field(_("Colour"), choice(ResultColour), default=ResultColour.GRAY)
    position: Mapped[int] = field(_("Position"), Integer, default=0)
    scope: Mapped[ResultScope] = field(_("Used in"), choice(ResultScope), default=ResultScope.FOLLOW_UP)
    kind: Mapped[ResultKind] = field(_("Kind"), choice(ResultKind), default=ResultKind.OPEN)
    requires_note: Mapped[bool] = field(_("Requires a note"), default=False)
    requires_file: Mapped[bool] = field(_("Requires a file"), default=False)
    requires_next: Mapped[bool] = field(_("Requires the next date"), default=False)
    suggested_time: Mapped[SuggestedTime | None] = field(
        _("Suggested next contact"),
        choice(SuggestedTime),
        help=_("The panel fills this time in as soon as the result is chosen."),
    )
    suggested_count: Mapped[int | None] = field(
        _("Number of minutes, hours or days"), Integer, help=_("Not needed for the next working morning.")
    )
    is_active: Mapped[bool] = field(_("Active"), default=True)
    sms_template_id: Mapped[int | None] = field(_("SMS offered with it"), ForeignKey("sms_templates.id"))

    sms_template: Mapped[SmsTemplate | None] = relationship(info={"label": _("SMS offered with it")})

    @reads("title")
    def __str__(self) -> str:
        return self.title
