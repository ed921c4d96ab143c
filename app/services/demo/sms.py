"""Texts of the demo: templates with variables, and a result title that offers one of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.services.sms.text.variables import add_variable, set_value
from models.result_title import ResultKind, ResultTitle
from models.sms.template import SmsCategory, SmsTemplate

TEXTS = (
    ("پاسخ ندادید", SmsCategory.SERVICE, "سلام {نام} عزیز، {کارشناس} از {سازمان} هستم. برای {محصول} تماس گرفتم و پاسخ ندادید."),
    ("یادآوری تماس", SmsCategory.SERVICE, "{نام} عزیز، فردا برای {محصول} با شما تماس می‌گیریم."),
    ("نشانی شعبه", SmsCategory.SERVICE, "{نام} عزیز، نشانی ما: {شعبه}"),
    ("سپاس از خرید", SmsCategory.SERVICE, "{نام کامل} گرامی، از خرید {محصول} سپاسگزاریم. {سازمان}"),
    ("جشنواره", SmsCategory.ADVERTISING, "{نام} عزیز، تا پایان هفته {محصول} با ۲۰ درصد تخفیف. {سازمان}"),
)  # fmt: skip


def write_texts() -> Sequence[SmsTemplate]:
    """Add templates, a variable with a value, and a template for a result title."""
    branch = add_variable("شعبه", "نشانی شعبه")
    set_value(branch, "تهران، خیابان انقلاب، شماره ۱۲", member=None)
    texts = [SmsTemplate(title=title, category=category, body=body) for title, category, body in TEXTS]
    db.session.add_all(texts)
    db.session.flush()
    unreachable = select(ResultTitle).where(ResultTitle.kind == ResultKind.UNREACHABLE).limit(1)
    if (title := db.session.scalar(unreachable)) is not None:
        title.sms_template_id = texts[0].id
    return texts
