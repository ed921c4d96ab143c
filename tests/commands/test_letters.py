"""Rows from before get Persian letters and their keys, in all organisations, in batches that can be stopped and repeated."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from app.commands import letters
from app.commands.letters import write_persian_letters
from app.lib.persian import persian_letters
from models.customer import Address, Customer
from models.follow_up import FollowUpEntry
from models.member import Member
from models.product import Product
from models.result_title import ResultTitle
from models.tenancy.row_security import lift_policies
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def put(session, model, key, **values):
    """Write values as a program of former days would have: no rule is applied."""
    table, connection = model.__table__, session.connection()
    lift_policies(connection)
    times = {"updated_at": LONG_AGO} if "updated_at" in table.c else {}
    connection.execute(update(table).where(table.c.id == key).values(**times, **values))
    session.commit()


def stored(session, model, key, *names):
    table, connection = model.__table__, session.connection()
    lift_policies(connection)
    return tuple(
        connection.execute(select(*(table.c[name] for name in names)).where(table.c.id == key)).one()
    )


@pytest.fixture
def old(session, organization, stranger_organization, manager):
    """Keys of customers with Arabic letters: one of ours, a deleted one, a stranger's; and one that is right."""
    abroad, us = stranger_organization.id, organization.id
    keys = {
        name: CustomerFactory(first_name="رضا", last_name="امین").id for name in ("ours", "deleted", "right")
    }
    with acting_as(session, Actor(abroad)):
        keys["strangers"] = CustomerFactory().id
        session.commit()
    for name in ("ours", "deleted", "strangers"):
        marks = {"deleted_at": LONG_AGO} if name == "deleted" else {}
        put(
            session,
            Customer,
            keys[name],
            first_name="علي",
            last_name="كاظمي",
            city="كرج",
            note="شايد\nفردا",
            **marks,
        )
        put(session, Customer, keys[name], search_key="", sort_key="", city_key="")
    put(session, Customer, keys["right"], note="می‌آید")
    assert us != abroad
    return keys


NAMES = (
    "first_name",
    "last_name",
    "city",
    "note",
    "search_key",
    "sort_key",
    "city_key",
    "updated_at",
    "row_version",
)


def test_all_organisations_and_deleted_rows_are_rewritten_with_their_keys(session, old):
    versions = {name: stored(session, Customer, key, "row_version") for name, key in old.items()}

    assert write_persian_letters() == (3, 0)

    for name in ("ours", "deleted", "strangers"):
        found = dict(zip(NAMES, stored(session, Customer, old[name], *NAMES), strict=True))
        assert (found["first_name"], found["last_name"], found["city"]) == ("علی", "کاظمی", "کرج")
        assert found["note"] == "شاید\nفردا"
        assert found["search_key"].startswith("علیکاظمی|9")
        assert found["sort_key"]
        assert found["city_key"] == "کرج"
        # Times and versions are those of the last edit by a person.
        assert found["updated_at"].replace(tzinfo=UTC) == LONG_AGO
        assert (found["row_version"],) == versions[name]


def test_a_row_that_is_right_is_not_touched_and_a_second_run_finds_nothing(session, old):
    before = stored(session, Customer, old["right"], *NAMES)
    write_persian_letters()

    assert write_persian_letters() == (0, 0)
    assert stored(session, Customer, old["right"], *NAMES) == before


def test_the_keys_are_those_of_a_row_that_is_written_today(session, old):
    write_persian_letters()
    row = session.get_one(Customer, old["ours"], populate_existing=True)

    names = ("search_key", "sort_key", "name_key")
    assert row.search_keys() == {name: getattr(row, name) for name in names}
    assert row.search_key.startswith("علیکاظمی|9")


def test_a_run_that_was_stopped_goes_on(session, old, monkeypatch):
    write, seen = letters._write, []

    def stop(mapper, names, row):
        if seen:
            raise KeyboardInterrupt
        seen.append(row.id)
        return write(mapper, names, row)

    monkeypatch.setattr(letters, "_write", stop)
    with pytest.raises(KeyboardInterrupt):
        write_persian_letters(batch=1)
    monkeypatch.undo()

    # The first batch was committed.
    assert write_persian_letters(batch=1) == (2, 0)


def test_texts_of_every_table_are_rewritten(session, manager, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    title = session.scalars(select(ResultTitle.id)).first()
    entry = FollowUpEntry(follow_up_id=follow_up.id, by_id=consultant.id, result_title_id=title)
    address = Address(customer_id=follow_up.customer_id, line="تهران")
    session.add_all([entry, address])
    session.flush()
    put(session, FollowUpEntry, entry.id, note="گفت نمي‌خواهد")
    put(session, Address, address.id, line="خيابان يكم")
    put(session, Member, consultant.id, last_name="شريفي")

    assert write_persian_letters() == (3, 0)
    assert stored(session, FollowUpEntry, entry.id, "note") == ("گفت نمی‌خواهد",)
    assert stored(session, Address, address.id, "line") == ("خیابان یکم",)
    assert stored(session, Member, consultant.id, "last_name") == ("شریفی",)


def test_a_name_that_another_row_has_by_now_stays(session, manager, stranger_organization):
    title = "نتيجه"
    taken = session.scalars(select(ResultTitle)).first()
    other = session.scalars(select(ResultTitle).where(ResultTitle.id != taken.id)).first()
    put(session, ResultTitle, taken.id, title=persian_letters(title))
    put(session, ResultTitle, other.id, title=title)
    product = ProductFactory()
    put(session, Product, product.id, title="كتاب")

    assert write_persian_letters() == (1, 1)
    assert stored(session, ResultTitle, other.id, "title") == (title,)
    assert stored(session, Product, product.id, "title") == ("کتاب",)


def test_the_command_says_what_it_did(app, session, old):
    def run():
        return app.test_cli_runner().invoke(args=["persian-letters"])

    first, second = run(), run()
    assert first.exit_code == second.exit_code == 0
    assert "۳ ردیف" in first.output
    assert second.output == ""


def test_a_member_is_found_by_the_new_name(session, login, manager, old):
    write_persian_letters()
    page = login(manager).get("/customers/?q=علی کاظمی").text
    assert f'data-pk="{old["ours"]}"' in page
    assert f'data-pk="{old["strangers"]}"' not in page


def test_a_table_whose_migration_is_still_to_be_written_is_left_out(session, old):
    for statement in (
        "DROP TABLE report_deliveries",
        "ALTER TABLE products RENAME COLUMN title TO former_title",
    ):
        session.connection().exec_driver_sql(statement)

    assert write_persian_letters() == (3, 0)
