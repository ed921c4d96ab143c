"""Texts that no database stores, sent where the page has no form of the engine."""

import pytest
from sqlalchemy import func, select

from models.sms.template import SmsVariable


@pytest.mark.parametrize(("title", "status"), [("عنوان", 302), ("عنو\x00ان", 422), ("\x1b[31m", 422)])
def test_in_the_title_of_a_variable(session, login, manager, title, status):
    before = session.scalar(select(func.count()).select_from(SmsVariable))

    answer = login(manager).post("/settings/sms-variables/add", data={"key": "تخفیف", "title": title})

    assert answer.status_code == status
    stored = session.scalar(select(func.count()).select_from(SmsVariable)) - before
    assert stored == (1 if status == 302 else 0)
    assert status == 302 or "نویسه" in answer.text
