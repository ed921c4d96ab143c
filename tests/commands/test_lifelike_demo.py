"""The demo looks like two years of work: the same for a seed, in working hours, with something in each section."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.lib import clock
from app.lib.codes import read_national_id
from app.lib.jalali import TEHRAN, to_jalali
from app.lib.number_digest import digest_number
from app.lib.persian import fold
from app.services.demo.build import build_demo
from app.services.demo.draw import national_id
from app.services.demo.moments import DAYS, Calendar
from app.services.imports.files import job_table
from app.services.sms.invariants.checks import check
from app.services.sms.provider import ensure_account
from models.assignment import Assignment
from models.attachment import Attachment
from models.audit.event import AuditEvent
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.job import BulkJob, ExportJob, ImportJob, ImportRejection, ImportStatus
from models.notifications.notification import Notification
from models.order import Order, OrderStatus
from models.organization import Organization
from models.sale import Sale, SaleItem, SaleStatus
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.sms.consent import SmsBlock, SmsOptOut
from models.sms.message import SmsMessage
from models.sms.quota import SmsQuota
from models.support import SupportEntry
from models.table_view import TableView
from models.tenancy.scope import Actor, acting_as
from models.transaction import Transaction, TransactionStatus
from tests.factories import PASSWORD_HASH

# A Wednesday, 14:00 in Tehran.
NOW = datetime(2026, 9, 30, 10, 30, tzinfo=UTC)
EVERYWHERE = {"unscoped": True}


@pytest.fixture
def build(session):
    """Builds the demo of one organisation, or of more, on a working day at noon."""

    def built(follow_ups=120, **more):
        clock.start_at(NOW)
        build_demo(**{"organizations": 1, "follow_ups": follow_ups, "password_hash": PASSWORD_HASH, **more})

    return built


def rows(session, statement):
    return session.execute(statement, execution_options=EVERYWHERE).all()


def contents(session):
    """What the demo has drawn: everything but keys and secrets."""
    people = select(
        Customer.mobile, Customer.first_name, Customer.last_name, Customer.city, Customer.created_at
    )
    work = select(FollowUp.status, FollowUp.next_at, FollowUp.attempts, FollowUp.closed_at)
    sales = select(Sale.amount, Sale.discount, Sale.paid, Sale.status, Sale.sold_at, Sale.support_next_at)
    money = select(Transaction.method, Transaction.amount, Transaction.reference, Transaction.status)
    support = select(SupportEntry.note, SupportEntry.at)
    texts = select(SmsMessage.body, SmsMessage.mobile, SmsMessage.state)
    ordered = (
        people.order_by(Customer.id),
        work.order_by(FollowUp.id),
        sales.order_by(Sale.id),
        money.order_by(Transaction.id),
        texts.order_by(SmsMessage.id),
        support.order_by(SupportEntry.id),
    )
    return [rows(session, each) for each in ordered]


def test_a_seed_gives_the_same_data_twice_and_another_seed_others(build, session):
    found = []
    for seed in (7, 7, 8):
        with session.begin_nested() as attempt:
            clock.start_at(NOW)
            build(60, seed=seed)
            found.append(contents(session))
            attempt.rollback()
        session.expunge_all()

    first, same, other = found
    assert all(first)
    assert first == same
    # The entries of support are not drawn.
    *drawn, _support = zip(first, other, strict=True)
    assert all(mine != theirs for mine, theirs in drawn)


class TestMoments:
    @pytest.fixture
    def calendar(self):
        return Calendar(Random(7), NOW)

    def test_orders_grow_and_fall_at_nowruz_and_on_fridays(self, calendar):
        moments = calendar.orders(40_000)

        assert moments == sorted(moments)
        assert NOW - timedelta(days=DAYS + 1) < moments[0] < NOW - timedelta(days=DAYS - 5)
        assert moments[-1] < NOW
        days = [to_jalali(at) for at in moments]
        months = Counter((day.year, day.month) for day in days)
        assert months[1405, 6] > 1.5 * months[1403, 8]
        assert months[1405, 1] < 0.8 * months[1405, 2]
        weekdays = Counter(at.astimezone(TEHRAN).weekday() for at in moments)
        assert weekdays[4] < weekdays[3] / 2
        assert {at.astimezone(TEHRAN).hour for at in moments} <= set(range(8, 23))

    def test_calls_lie_in_working_hours_behind_what_they_follow(self, calendar):
        for after in calendar.orders(3_000):
            at = calendar.call(after, most_days=3)
            assert at is None or (after < at < NOW and is_worked(at))

    def test_a_call_that_is_still_to_come_is_left_out(self, calendar):
        assert calendar.call(NOW, most_days=1) is None

    def test_next_contacts_are_due_today_and_on_other_days(self, calendar):
        moments = [calendar.next_contact() for _ in range(300)]

        assert all(map(is_worked, moments))
        assert len({at.date() for at in moments}) > 5
        assert any(at.date() == NOW.date() for at in moments)


def is_worked(at):
    local, day = at.astimezone(TEHRAN), to_jalali(at)
    return local.weekday() != 4 and 9 <= local.hour < 18 and (day.month, day.day) != (1, 1)


def test_what_members_have_done_lies_in_working_hours(build, session):
    build()

    for column in (FollowUpEntry.at, SupportEntry.at, Sale.sold_at, Transaction.at):
        moments = session.scalars(select(column), execution_options=EVERYWHERE).all()
        assert len(moments) > 10
        assert [at for at in moments if not is_worked(at) or at > NOW] == []


def test_the_consultants_sell_differently(build, session):
    build(1_500)

    won = func.count().filter(FollowUp.status == FollowUpStatus.WON)
    found = rows(session, select(won, func.count()).group_by(FollowUp.consultant_id))
    shares = sorted(part / whole for part, whole in found)
    assert shares[1] > 1.2 * shares[0]


def test_sales_add_up(build, session):
    build(600)

    paid = (
        select(func.coalesce(func.sum(Transaction.amount), 0))
        .where(Transaction.sale_id == Sale.id, Transaction.status == TransactionStatus.VERIFIED)
        .scalar_subquery()
    )
    items = select(func.sum(SaleItem.amount)).where(SaleItem.sale_id == Sale.id).scalar_subquery()
    found = rows(session, select(Sale, paid, items))
    assert {sale.status for sale, *_sums in found} >= set(SaleStatus) - {SaleStatus.DRAFT}
    for sale, received, subtotal in found:
        assert sale.paid == received
        assert sale.balance == sale.amount - sale.paid
        assert sale.amount == subtotal - sale.discount
        assert received <= sale.amount
        if sale.status in {SaleStatus.PAID, SaleStatus.DELIVERED} and sale.discount:
            assert sale.balance == 0
        if sale.status in {SaleStatus.CANCELLED, SaleStatus.REFUNDED}:
            assert (sale.paid, bool(sale.reason)) == (0, True)


def test_the_last_support_of_a_sale_is_that_of_its_entries(build, session):
    build(600)

    entries = select(SupportEntry).order_by(SupportEntry.at, SupportEntry.id)
    last = {each.sale_id: each for each in session.scalars(entries, execution_options=EVERYWHERE)}
    for sale in session.scalars(select(Sale), execution_options=EVERYWHERE):
        entry = last.get(sale.id)
        assert sale.last_support_result_id == (entry and entry.result_title_id)
        assert sale.support_next_at == (entry and entry.next_at)


class TestEachSection:
    @pytest.fixture
    def demo(self, session):
        ensure_account("http://127.0.0.1:8001/v1", "sandbox", "10004346", calls_per_second=None)
        build_demo(organizations=1, follow_ups=120, password_hash=PASSWORD_HASH)
        organization = session.scalars(select(Organization).where(Organization.slug == "demo1")).one()
        with acting_as(session, Actor(organization.id)):
            yield session

    @pytest.mark.parametrize(
        "model",
        [
            Assignment,
            Attachment,
            AuditEvent,
            BulkJob,
            ExportJob,
            Notification,
            SmsBlock,
            SmsOptOut,
            SmsQuota,
            TableView,
        ],
    )
    def test_has_rows(self, demo, model):
        assert demo.scalar(select(func.count()).select_from(model)) > 0

    def test_has_the_notifications_of_each_day_under_one_heading(self, demo):
        rows = demo.scalars(select(Notification).order_by(Notification.id)).all()

        assert len({row.section for row in rows}) == 3
        assert [row.created_at for row in rows] == sorted(row.created_at for row in rows)

    def test_has_a_finished_import_with_refused_rows_and_one_that_waits(self, demo):
        jobs = {job.status: job for job in demo.scalars(select(ImportJob))}
        done = jobs[ImportStatus.DONE]

        assert set(jobs) == {ImportStatus.DONE, ImportStatus.UPLOADED}
        assert (done.accepted > 0, done.accepted + done.rejected) == (True, done.total_rows)
        refused = demo.scalars(select(ImportRejection).where(ImportRejection.job_id == done.id)).all()
        assert len({each.reason for each in refused}) == len(refused) == done.rejected > 0
        assert [len(list(job_table(job).rows())) for job in jobs.values()] == [
            job.total_rows for job in jobs.values()
        ]
        waiting = select(func.count()).select_from(Order).where(Order.status == OrderStatus.NEW)
        assert demo.scalar(waiting) >= done.accepted

    def test_has_campaigns_in_different_states_that_keep_the_rules(self, demo):
        states = set(demo.scalars(select(SmsCampaign.status)))

        assert states == {CampaignStatus.PAUSED, CampaignStatus.SCHEDULED, CampaignStatus.FINISHED}
        assert len(set(demo.scalars(select(SmsMessage.state)))) > 2
        assert [each.name for each in check() if not each.holds] == []

    def test_has_deleted_rows_that_the_list_of_customers_does_not_show(self, demo):
        everybody = demo.scalars(select(Customer), execution_options={"with_deleted": True}).all()
        deleted = [each for each in everybody if each.deleted_at is not None]

        assert len({each.delete_batch for each in deleted}) == len(deleted) > 1
        assert not set(deleted) & set(demo.scalars(select(Customer)))

    def test_has_events_of_rows_that_existed(self, demo):
        events = demo.scalars(select(AuditEvent).where(AuditEvent.object_type == "Customer")).all()
        options = {"with_deleted": True}
        born = dict(demo.execute(select(Customer.id, Customer.created_at), execution_options=options).all())

        assert events
        assert all(born[each.object_id] < each.at <= clock.now() for each in events)

    def test_has_repeats_behind_their_first_orders_by_day(self, demo):
        first = aliased(Order)
        statement = select(Order.ordered_at, first.ordered_at).join(first, first.id == Order.repeat_of_id)

        pairs = demo.execute(statement).all()
        assert pairs
        assert all(before < after for after, before in pairs)
        assert {after.astimezone(TEHRAN).hour for after, _before in pairs} <= set(range(8, 24))

    def test_has_opted_out_customers_that_are_marked(self, demo):
        listed = set(demo.scalars(select(SmsOptOut.number_digest)))

        marked = demo.scalars(select(Customer.mobile).where(Customer.opted_out.is_(True)))
        assert set(map(digest_number, marked)) == listed

    def test_has_names_that_are_found(self, demo):
        for row in demo.scalars(select(Customer).where(Customer.first_name == "زهرا")):
            assert fold("زهرا") in row.search_key


def test_national_ids_have_their_check_digit():
    generator = Random(7)
    drawn = [national_id(generator) for _ in range(200)]

    assert [read_national_id(each) for each in drawn] == drawn
