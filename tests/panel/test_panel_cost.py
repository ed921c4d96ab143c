"""What the side panel of a follow-up may cost, whoever wrote how much in it, and that its parents are there when they are deleted."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.panel.records.delete import soft_delete
from app.services.follow_up import Result, record_result
from models.customer import Customer
from models.follow_up import FollowUp
from models.product import Product
from models.result_title import ResultKind
from models.sms.template import SmsTemplate
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, ResultTitleFactory, member

# The last statement of a saved result reads the numbers of the menu.
MOST_STATEMENTS, MOST_TO_SAVE = 5, 13


@pytest.fixture
def follow_up(consultant):
    return FollowUpFactory(consultant_id=consultant.id, order__product__title="دوره زبان")


def opened(client, follow_up, statements):
    address = f"/follow-ups/{follow_up.id}/panel"
    client.get("/account/")  # What a process learns once is no page's cost.
    statements.clear()
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.text, len(statements)


def test_is_the_same_for_one_author_and_for_many(
    session, login, organization, consultant, follow_up, statements
):
    for number in range(4):
        template = SmsTemplate(title=f"قالب {number}", body="سلام")
        session.add(template)
        session.flush()
        ResultTitleFactory(kind=ResultKind.CALLBACK, sms_template_id=template.id)
    title = ResultTitleFactory(kind=ResultKind.CALLBACK)
    for number in range(3):
        author = member("Consultant", organization, f"author-{number}", first_name=f"نویسنده {number}")
        bind(session, Actor(organization.id, author.id))
        record_result(follow_up, Result(title, note=f"یادداشت {number}", next_at=now()))
    session.commit()

    page, cost = opened(login(consultant), follow_up, statements)

    assert all(f"نویسنده {number}" in page for number in (1, 2))  # the timeline has the others
    assert all(f'data-sms="قالب {number}"' in page for number in range(4))
    assert cost <= MOST_STATEMENTS


def test_is_no_more_where_nothing_was_said(login, consultant, follow_up, statements):
    _page, cost = opened(login(consultant), follow_up, statements)

    assert cost <= MOST_STATEMENTS


@pytest.mark.parametrize(("parent", "model"), [("product", Product), ("customer", Customer)])
def test_names_parents_that_are_deleted(session, login, consultant, follow_up, statements, parent, model):
    key = getattr(follow_up, f"{parent}_id")
    session.get(model, key).deleted_at = now()
    session.commit()

    page, _cost = opened(login(consultant), follow_up, statements)

    assert str(getattr(follow_up, parent)) in page


def test_of_a_deleted_follow_up_is_not_there(session, login, manager, follow_up):
    soft_delete(FollowUp, [follow_up.id])
    db.session.commit()

    assert login(manager).get(f"/follow-ups/{follow_up.id}/panel").status_code == 404


def test_of_a_colleague_is_not_there(login, colleague, follow_up):
    assert login(colleague).get(f"/follow-ups/{follow_up.id}/panel").status_code == 404


def test_saving_a_result_asks_for_nothing_twice(login, manager, follow_up, statements):
    title, client = ResultTitleFactory(kind=ResultKind.CALLBACK), login(manager)
    address = f"/follow-ups/{follow_up.id}"
    client.get(f"{address}/panel")
    sent = {"result_title": title.id, "note": "عصر", "next_at": format_datetime(now() + timedelta(hours=3))}
    statements.clear()
    answer = client.post(f"{address}/result", data=sent, headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert len(statements) <= MOST_TO_SAVE
    read = [each.split("FROM ")[1].split()[0] for each in statements if each.startswith("SELECT")]
    assert read.count("orders") == read.count("customers") == 1
