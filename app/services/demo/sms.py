"""SMS of the demo: templates with variables, a result title with a template, and a campaign to the sandbox."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from app.extensions import db
from app.services.sms.campaign.create import create_campaign
from app.services.sms.campaign.recipients import Selection
from app.services.sms.text.variables import add_variable, set_value
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization
from models.result_title import ResultKind, ResultTitle
from models.sms.campaign import Audience
from models.sms.template import SmsCategory, SmsTemplate

RECEIVERS = 20
TEXTS = (
    ("پاسخ ندادید", SmsCategory.SERVICE, "سلام {نام} عزیز، {کارشناس} از {سازمان} هستم. برای {محصول} تماس گرفتم و پاسخ ندادید."),
    ("یادآوری تماس", SmsCategory.SERVICE, "{نام} عزیز، فردا برای {محصول} با شما تماس می‌گیریم."),
    ("نشانی شعبه", SmsCategory.SERVICE, "{نام} عزیز، نشانی ما: {شعبه}"),
    ("سپاس از خرید", SmsCategory.SERVICE, "{نام کامل} گرامی، از خرید {محصول} سپاسگزاریم. {سازمان}"),
    ("جشنواره", SmsCategory.ADVERTISING, "{نام} عزیز، تا پایان هفته {محصول} با ۲۰ درصد تخفیف. {سازمان}"),
)  # fmt: skip


def write_texts(organization: Organization, manager: Member) -> None:
    """Add templates, a variable with a value, a template for a result title, and a campaign."""
    branch = add_variable("شعبه", "نشانی شعبه")
    set_value(branch, "تهران، خیابان انقلاب، شماره ۱۲", member=None)
    texts = [SmsTemplate(title=title, category=category, body=body) for title, category, body in TEXTS]
    db.session.add_all(texts)
    db.session.flush()
    unreachable = select(ResultTitle).where(ResultTitle.kind == ResultKind.UNREACHABLE).limit(1)
    if (title := db.session.scalar(unreachable)) is not None:
        title.sms_template_id = texts[0].id
    keys = db.session.scalars(select(FollowUp.id).order_by(FollowUp.id).limit(RECEIVERS)).all()
    if keys:
        token = uuid5(NAMESPACE_URL, f"ava demo {organization.slug}")
        create_campaign(Selection(Audience.FOLLOW_UPS, keys), texts[1], client_token=token, by=manager)
