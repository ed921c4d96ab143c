"""The demo: described the same way on each call, deterministic, lifelike, and rich enough for each section."""

import json
from datetime import date, time
from itertools import islice
from random import Random

import pytest
from sqlalchemy import func, select

from app.commands import demo as demo_command
from app.gateways.password_hash import hash_password
from app.lib.clock import now, start_at
from app.lib.jalali import instant, to_jalali
from app.lib.mobile import canonical_mobile
from app.services.demo.draw import Draw
from app.services.member import create_admin
from models.attachment import Attachment
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization
from models.sale import Sale
from models.task import Task, TaskStatus


@pytest.fixture
def demo(app, session):
    """Runs the command; returns what it printed."""

    def run(*options: str) -> dict:
        done = app.test_cli_runner().invoke(args=["demo", "--json", "--follow-ups", "20", *options])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


def count(session, column) -> int:
    return session.scalar(select(func.count(column)), execution_options={"unscoped": True})


def test_is_built_once_and_described_again(demo, session):
    first = demo()
    rows = count(session, FollowUp.id)

    assert demo() == first
    assert count(session, FollowUp.id) == rows >= 2 * 20


def test_names_a_row_for_each_section_and_owner(demo):
    told = demo("--organizations", "1")

    assert {"follow-ups/consultant1-demo1", "orders/consultant2-demo1", "products"} <= told["rows"][
        "demo1"
    ].keys()
    assert {user["role"] for user in told["users"]} == {
        "Admin",
        "Operator",
        "Manager",
        "Consultant",
        "SupportAgent",
    }
    assert [user["username"] for user in told["users"] if not user["active"]] == ["inactive-demo1"]


def test_has_customers_of_two_consultants_sales_and_files(demo, session):
    demo("--organizations", "1")

    shared = (
        select(FollowUp.customer_id)
        .group_by(FollowUp.customer_id)
        .having(func.count(FollowUp.consultant_id.distinct()) == 2)
    )
    assert len(session.scalars(shared, execution_options={"unscoped": True}).all()) == 10
    assert count(session, Sale.id) >= 5
    assert count(session, Attachment.id) >= 4


@pytest.mark.parametrize("clock", [time(0, 10), time(0, 40), time(23, 50)])
def test_what_is_done_today_is_of_today_just_after_midnight_too(demo, session, clock):
    """UTC's hour of ten past midnight in Tehran begins on the day before."""
    day = date(2026, 12, 1)
    start_at(instant(day, clock))
    demo("--organizations", "1")

    plans = [(task.due_on, to_jalali(task.done_at)) for task in finished(session)]
    assert {due for due, _ in plans} > {day}
    assert all(done == to_jalali(due) for due, done in plans)


def finished(session) -> list[Task]:
    statement = select(Task).where(Task.status == TaskStatus.DONE)
    return session.scalars(statement, execution_options={"unscoped": True}).all()


class TestDemoOf100000Rows:
    def test_no_mobile_comes_twice(self):
        draw = Draw(Random(7), now())

        drawn = list(islice(draw.mobiles, 100_000))

        assert len(set(drawn)) == len(drawn)
        assert {canonical_mobile(mobile) for mobile in drawn[:1000]} == set(drawn[:1000])

    def test_a_seed_gives_the_same_mobiles_and_another_seed_others(self):
        first, same, other = (Draw(Random(seed), now()) for seed in (7, 7, 8))

        drawn = list(islice(first.mobiles, 50))
        assert list(islice(same.mobiles, 50)) == drawn
        assert not set(islice(other.mobiles, 50)) & set(drawn)

    def test_batches_and_organisations_share_no_customer(self, demo, session, monkeypatch):
        monkeypatch.setattr("app.services.demo.rows.CHUNK", 3)

        demo("--organizations", "3")

        mobiles = session.scalars(select(Customer.mobile), execution_options={"unscoped": True}).all()
        assert len(mobiles) == len(set(mobiles)) >= 3 * 20

    def test_rows_with_other_empty_columns_share_a_statement(self, demo, session, statements):
        demo("--organizations", "1", "--follow-ups", "300")

        inserts = {each.partition(")")[0] for each in statements if "INSERT INTO follow_ups" in each}
        assert len(inserts) == 1

    def test_keys_are_those_that_the_model_computes(self, demo, session):
        demo("--organizations", "1")

        for row in session.scalars(select(Customer), execution_options={"unscoped": True}):
            keys = row.search_keys()
            assert (row.search_key, row.sort_key) == (keys["search_key"], keys["sort_key"])
            assert row.created_at is not None

    @pytest.mark.parametrize("follow_ups", ["0", "1"])
    def test_few_rows_are_a_demo_too(self, demo, session, follow_ups):
        demo("--organizations", "2", "--follow-ups", follow_ups)

        assert count(session, FollowUp.id) >= 2 * int(follow_ups)

    def test_many_organisations_have_names_of_their_own(self, demo):
        told = demo("--organizations", "20", "--follow-ups", "1")

        assert len({each["name"] for each in told["organizations"]}) == 20
        assert len({each["username"] for each in told["users"]}) == len(told["users"])

    @pytest.mark.parametrize("options", [("--organizations", "0"), ("--follow-ups", "-1")])
    def test_refuses_numbers_without_sense(self, app, session, options):
        done = app.test_cli_runner().invoke(args=["demo", *options])

        assert done.exit_code == 2
        assert count(session, Member.id) == 0

    @pytest.mark.parametrize(
        ("username", "email"), [("Admin", "boss@here.ir"), ("boss", "manager-demo1@example.ir")]
    )
    def test_refuses_an_account_that_exists(self, app, session, username, email):
        create_admin(username, email)
        session.commit()

        done = app.test_cli_runner().invoke(args=["demo"])

        assert done.exit_code == 1
        assert "نام کاربری" in done.stderr
        session.rollback()
        assert count(session, Organization.id) == 0

    def test_says_how_far_it_is_beside_the_json(self, app, session, monkeypatch):
        monkeypatch.setattr(demo_command, "monotonic", iter(range(1000)).__next__)
        monkeypatch.setattr("app.services.demo.rows.CHUNK", 500)

        done = app.test_cli_runner().invoke(
            args=["demo", "--json", "--organizations", "1", "--follow-ups", "1000"]
        )

        assert "۱٬۰۰۰ از ۱٬۰۰۰ پیگیری نوشته شد" in done.stderr
        assert json.loads(done.stdout)["organizations"][0]["slug"] == "demo1"

    def test_leaves_a_trail_that_verifies(self, app, demo):
        demo()

        assert app.test_cli_runner().invoke(args=["verify-audit"]).exit_code == 0


def test_shows_the_password_of_those_who_have_it(demo, app, session):
    first = demo("--organizations", "1", "--seed", "3")["users"]
    other = session.scalars(select(Member).where(Member.username == "manager-demo1")).one()
    other.password = hash_password("another one")
    session.commit()

    again, of_other_seed = (demo("--seed", seed)["users"] for seed in ("3", "4"))
    accounts = app.test_cli_runner().invoke(args=["demo", "--seed", "4"]).stdout

    assert {user["password"] for user in first} == {"ava-demo-3"}
    assert [user["username"] for user in again if user["password"] is None] == ["manager-demo1"]
    assert {user["password"] for user in of_other_seed} == {None}
    assert "ava-demo" not in accounts
    assert "manager-demo1" in accounts
