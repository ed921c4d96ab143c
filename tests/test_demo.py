"""The demo: told the same way whenever it is asked for, and rich enough for every page."""

import json

import pytest
from sqlalchemy import func, select

from models.attachment import Attachment
from models.follow_up import FollowUp
from models.sale import Sale


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


def test_is_built_once_and_told_again(demo, session):
    first = demo()
    rows = count(session, FollowUp.id)

    assert demo() == first
    assert count(session, FollowUp.id) == rows == 2 * (20 + 10)


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
    assert count(session, Sale.id) == 5
    assert count(session, Attachment.id) == 3
