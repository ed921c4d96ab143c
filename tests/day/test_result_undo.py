"""The undo of a result (U10): what it restores, when it is refused, and who may do it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app.lib import clock
from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.services.follow_up import ENTRIES, UNDO_FOR
from models.audit.event import AuditEvent
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.order import OrderStatus
from models.result_title import ResultKind
from models.sms.message import MessageState, SmsMessage
from models.sms.template import SmsCategory
from models.tenancy.scope import Actor, bind
from tests.day.result_steps import HTMX, undo, undo_of
from tests.factories import FollowUpFactory, ResultTitleFactory, SmsTemplateFactory, member


@pytest.fixture
def follow_up(session, manager, consultant):
    """A follow-up with an earlier result, beside another one of the same consultant."""
    row = FollowUpFactory(
        consultant_id=consultant.id,
        status=FollowUpStatus.WAITING,
        attempts=2,
        next_at=now() + timedelta(hours=1),
        last_entry_at=now() - timedelta(days=1),
        first_contact_at=now() - timedelta(days=3),
    )
    row.last_result_id = ResultTitleFactory(kind=ResultKind.CALLBACK).id
    FollowUpFactory(consultant_id=consultant.id)
    session.commit()
    return row


def state(session, follow_up):
    session.expire_all()
    row = session.get(FollowUp, follow_up.id)
    return (
        (row.status, row.order.status, row.last_result_id, row.attempts),
        (row.next_at, row.first_contact_at, row.last_entry_at, row.closed_at),
    )


def record(browser, follow_up, title, **fields):
    data = {"result_title": title.id, "token": str(uuid4())} | fields
    return browser.post(f"/follow-ups/{follow_up.id}/result", data=data, headers=HTMX)


def sold(follow_up) -> dict[str, object]:
    line = {"product": follow_up.product_id, "quantity": 1, "price": "1000000"}
    return {f"items-0-{name}": value for name, value in line.items()}


@pytest.mark.parametrize("kind", [ResultKind.CALLBACK, ResultKind.LOST, ResultKind.INVALID, ResultKind.OPEN])
def test_restores_the_follow_up_and_its_order(session, login, consultant, follow_up, kind):
    before, browser = state(session, follow_up), login(consultant)
    later = format_datetime(now() + timedelta(days=2))
    url = undo_of(record(browser, follow_up, ResultTitleFactory(kind=kind), next_at=later))
    assert state(session, follow_up) != before

    toast = undo(browser, url)

    assert toast["level"] == "success"
    assert state(session, follow_up) == before


def test_a_closed_order_is_open_again_and_both_entries_do_not_count(
    session, organization, login, consultant, follow_up
):
    lost, browser = ResultTitleFactory(kind=ResultKind.LOST, title="منصرف"), login(consultant)
    url = undo_of(record(browser, follow_up, lost))

    undo(browser, url)
    page = browser.get(f"/follow-ups/{follow_up.id}/timeline", headers={"HX-Request": "true"}).text

    bind(session, Actor(organization.id))
    session.expire_all()
    row = session.get(FollowUp, follow_up.id)
    done, taken_back = session.scalars(
        select(FollowUpEntry).where(FollowUpEntry.follow_up_id == row.id).order_by(FollowUpEntry.id)
    )
    assert (row.order.status, row.closed_at) == (OrderStatus.ASSIGNED, None)
    assert (done.is_undone, taken_back.is_undone, taken_back.undoes_id) == (True, True, done.id)
    assert ENTRIES.latest(row, 2) == ([], 0)
    # The trail and the history show both.
    assert "منصرف (بازگردانده‌شده)" in page
    assert "بازگردانیِ «منصرف»" in page
    acts = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.object_type == "FollowUp", AuditEvent.object_id == row.id)
        .order_by(AuditEvent.id)
    ).all()
    assert acts[-2:] == ["result", "undo result"]


def test_of_an_earlier_result_is_refused(session, login, consultant, follow_up):
    title, browser = ResultTitleFactory(), login(consultant)
    first = undo_of(record(browser, follow_up, title))
    second = undo_of(record(browser, follow_up, title))
    after = state(session, follow_up)

    assert "نتیجهٔ تازه‌تری" in undo(browser, first)["text"]
    assert state(session, follow_up) == after
    # After the newer one is taken back, the earlier one can be.
    assert undo(browser, second)["level"] == "success"
    assert undo(browser, first)["level"] == "success"


def test_twice_is_refused(session, login, consultant, follow_up):
    before, browser = state(session, follow_up), login(consultant)
    url = undo_of(record(browser, follow_up, ResultTitleFactory()))
    undo(browser, url)

    assert "پیش‌تر" in undo(browser, url)["text"]
    assert state(session, follow_up) == before


def test_too_late_is_refused(login, consultant, follow_up):
    browser = login(consultant)
    url = undo_of(record(browser, follow_up, ResultTitleFactory()))
    clock.start_at(now() + UNDO_FOR + timedelta(seconds=1))
    try:
        assert "زمان بازگردانی" in undo(browser, url)["text"]
    finally:
        clock.reset()


def test_after_an_edit_of_the_next_contact_is_refused(session, login, consultant, follow_up):
    browser = login(consultant)
    url = undo_of(record(browser, follow_up, ResultTitleFactory()))
    session.execute(
        update(FollowUp).where(FollowUp.id == follow_up.id).values(next_at=now() + timedelta(days=9))
    )
    session.commit()

    assert "تغییر کرده" in undo(browser, url)["text"]


def test_a_sale_offers_no_undo_and_refuses_it(session, organization, login, consultant, follow_up):
    won, browser = ResultTitleFactory(kind=ResultKind.WON), login(consultant)
    answer = record(browser, follow_up, won, **sold(follow_up))
    assert undo_of(answer) is None
    bind(session, Actor(organization.id))
    entry = session.scalars(select(FollowUpEntry.id).where(FollowUpEntry.follow_up_id == follow_up.id)).one()

    toast = undo(browser, f"/follow-ups/{follow_up.id}/result/{entry}/undo")

    assert "فروش" in toast["text"]
    session.expire_all()
    assert session.get(FollowUp, follow_up.id).status is FollowUpStatus.WON


class TestSms:
    @pytest.fixture
    def title(self, session, manager):
        template = SmsTemplateFactory(title="یادآوری", body="سلام {نام}", category=SmsCategory.PATTERN)
        row = ResultTitleFactory(sms_template_id=template.id)
        session.commit()
        return row

    def test_in_the_queue_is_cancelled(self, session, organization, login, consultant, follow_up, title):
        browser = login(consultant)
        url = undo_of(record(browser, follow_up, title, send_sms="y"))

        assert undo(browser, url)["level"] == "success"

        bind(session, Actor(organization.id))
        session.expire_all()
        assert session.scalars(select(SmsMessage.state)).all() == [MessageState.CANCELLED]

    def test_that_a_worker_has_claimed_refuses(
        self, session, organization, login, consultant, follow_up, title
    ):
        browser = login(consultant)
        url = undo_of(record(browser, follow_up, title, send_sms="y"))
        bind(session, Actor(organization.id))
        session.execute(
            update(SmsMessage).values(state=MessageState.CLAIMED, lease_token=uuid4(), lease_until=now())
        )
        session.commit()
        after = state(session, follow_up)

        toast = undo(browser, url)

        assert "پیامک" in toast["text"]
        assert state(session, follow_up) == after
        bind(session, Actor(organization.id))
        assert session.scalars(select(SmsMessage.state)).all() == [MessageState.CLAIMED]

    def test_of_another_result_does_not_matter(self, session, login, consultant, follow_up, title):
        browser = login(consultant)
        record(browser, follow_up, title, send_sms="y")
        url = undo_of(record(browser, follow_up, title))

        assert undo(browser, url)["level"] == "success"
        session.expire_all()
        assert session.scalars(select(SmsMessage.state)).all() == [MessageState.QUEUED]


class TestWho:
    def test_the_manager_does_not_take_back_a_consultants(
        self, session, login, manager, consultant, follow_up
    ):
        url = undo_of(record(login(consultant), follow_up, ResultTitleFactory()))
        after = state(session, follow_up)

        assert login(manager).post(url, headers=HTMX).status_code == 404
        assert state(session, follow_up) == after

    def test_a_colleague_finds_nothing(self, login, consultant, colleague, follow_up):
        url = undo_of(record(login(consultant), follow_up, ResultTitleFactory()))

        assert login(colleague).post(url, headers=HTMX).status_code == 404

    def test_a_manager_of_another_organisation_finds_nothing(
        self, session, stranger_organization, login, consultant, follow_up
    ):
        url = undo_of(record(login(consultant), follow_up, ResultTitleFactory()))
        bind(session, Actor(stranger_organization.id))
        stranger = member("Manager", stranger_organization, "stranger-manager")

        assert login(stranger).post(url, headers=HTMX).status_code == 404

    def test_an_entry_of_another_follow_up_is_not_found(self, session, login, consultant, follow_up):
        browser = login(consultant)
        other = FollowUpFactory(consultant_id=consultant.id)
        url = undo_of(record(browser, other, ResultTitleFactory()))

        wrong = url.replace(f"/follow-ups/{other.id}/", f"/follow-ups/{follow_up.id}/")

        assert browser.post(wrong, headers=HTMX).status_code == 404

    def test_of_a_deleted_follow_up_is_not_found(self, session, login, consultant, follow_up):
        browser = login(consultant)
        url = undo_of(record(browser, follow_up, ResultTitleFactory()))
        session.execute(update(FollowUp).where(FollowUp.id == follow_up.id).values(deleted_at=now()))
        session.commit()

        assert browser.post(url, headers=HTMX).status_code == 404
