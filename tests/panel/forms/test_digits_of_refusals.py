"""The numbers in refusals have Persian digits."""

from uuid import uuid4

import pytest

from app.services.account.token import make_token
from models.account import TokenScope
from models.sms.quota import SmsQuota
from models.sms.template import SmsCategory
from tests.factories import CustomerFactory, SmsTemplateFactory


@pytest.mark.parametrize(
    ("path", "field", "length", "most"),
    [
        ("/settings/organization/", "name", 121, "۱۲۰"),
        ("/settings/holidays/", "title", 121, "۱۲۰"),
        ("/account/tokens/", "name", 81, "۸۰"),
        ("/members/add", "first_name", 65, "۶۴"),
        ("/products/add", "title", 300, "۱۲۰"),
    ],
)
def test_of_a_text_that_is_too_long(login, manager, path, field, length, most):
    answer = login(manager).post(path, data={field: "ن" * length})

    assert answer.status_code == 422
    assert f"حداکثر {most} نویسه بنویسید." in answer.text


def test_of_pages_that_are_not_left(session, login, manager):
    people = [CustomerFactory() for _number in range(3)]
    template = SmsTemplateFactory(body="سلام", category=SmsCategory.SERVICE)
    session.add(SmsQuota(member_id=manager.id, pages=1))
    session.commit()
    data = {"rowid": [str(row.id) for row in people], "template": str(template.id), "_token": str(uuid4())}

    answer = login(manager).post("/campaigns/send/customers", data=data | {"_step": "run"})

    assert "به ۳ صفحه نیاز است و برای این ماه ۱ صفحه مانده است." in answer.text


def test_of_too_many_tokens(session, login, manager):
    for number in range(20):
        make_token(manager, name=f"برنامه {number}", scope=TokenScope.READ, days=1)
    session.commit()

    answer = login(manager).post("/account/tokens/", data={"name": "دیگر", "scope": "read", "days": "30"})

    assert "۲۰ توکن دارید" in answer.text


def test_of_a_text_that_is_too_long_by_rest(session, app, manager):
    _row, secret = make_token(manager, name="برنامه", scope=TokenScope.WRITE, days=1)
    session.commit()

    answer = app.test_client().post(
        "/api/v1/products/",
        json={"title": "ن" * 300, "code": "K-1", "price": 10},
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert answer.status_code == 422
    assert "حداکثر ۱۲۰ نویسه بنویسید." in str(answer.json)


def test_of_the_name_of_a_view(login, manager):
    answer = login(manager).post("/products/views", data={"name": "ن" * 200, "query": ""})

    assert "حداکثر ۸۰ نویسه." in answer.text
