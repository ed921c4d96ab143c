"""E02: the migration that is generated for a new table of an organisation hides the rows of the others."""

import os

import pytest
from alembic.operations import ops
from sqlalchemy import BigInteger, Column, create_engine, insert, text
from sqlalchemy.exc import DBAPIError

from models.migrations.policies import PolicyOp, add_policies
from models.organization import Organization
from models.product import Product
from tests.conftest import SERVER
from tests.support.databases import create_database
from tests.support.extended import alembic, extended, migration_of, run

STATEMENTS = (
    "ALTER TABLE call_scripts ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE call_scripts FORCE ROW LEVEL SECURITY",
    "CREATE POLICY organization_rows ON call_scripts",
    "DROP POLICY organization_rows ON call_scripts",
    "ALTER TABLE call_scripts NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE call_scripts DISABLE ROW LEVEL SECURITY",
)
SCRIPT = (
    "INSERT INTO call_scripts (organization_id, product_id, title, body, minutes, is_active, search_key, sort_key,"
    " created_at, updated_at) VALUES (:id, :id, :title, '', 1, true, '', '', now(), now())"
)
TITLES = text("SELECT title FROM call_scripts")


def act(connection, organization):
    connection.execute(text("SELECT set_config('app.organization_id', :id, true)"), {"id": organization})


def test_e02_sqlite_writes_the_policy_and_runs_without_it(tmp_path):
    url = f"sqlite:///{tmp_path}/extend.db"
    folder = extended(tmp_path / "panel", url)

    written = migration_of(folder)
    assert [each for each in STATEMENTS if each not in written] == []
    alembic(folder, url, "upgrade head", "downgrade -1", "upgrade head")
    assert "1 passed" in run(
        folder, "-m", "pytest", "tests/organization/test_call_script.py", "-p", "no:cacheprovider"
    )


@pytest.fixture(scope="module")
def url(app):
    """A new database for the copy."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    return create_database(os.environ[SERVER], f"new_tables_{worker}")


@pytest.fixture(scope="module")
def copy(url, tmp_path_factory):
    """The panel with the documented section, on PostgreSQL."""
    return extended(tmp_path_factory.mktemp("copy") / "panel", url)


@pytest.fixture
def engine(url):
    made = create_engine(url)
    yield made
    made.dispose()


@pytest.mark.postgresql
def test_e02_postgresql_hides_the_rows_of_another_organisation(url, engine, copy):
    assert [each for each in STATEMENTS if each not in migration_of(copy)] == []
    alembic(copy, url, "upgrade head")
    with engine.begin() as connection:
        for number, slug in ((1, "ours"), (2, "theirs")):
            act(connection, str(number))
            connection.execute(insert(Organization.__table__), {"id": number, "slug": slug, "name": slug})
            product = {"id": number, "organization_id": number, "title": "x", "code": "x"}
            connection.execute(insert(Product.__table__), product)
            connection.execute(text(SCRIPT), {"id": number, "title": slug})

    with engine.begin() as connection:
        assert connection.scalars(TITLES).all() == []
        act(connection, "1")
        assert connection.scalars(TITLES).all() == ["ours"]
        assert (
            connection.execute(text("UPDATE call_scripts SET title = 'x' WHERE title = 'theirs'")).rowcount
            == 0
        )
        act(connection, "2")
        assert connection.scalars(TITLES).all() == ["theirs"]
    with engine.begin() as connection:
        act(connection, "1")
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text(SCRIPT), {"id": 2, "title": "foreign"})
    with engine.begin() as connection:
        policies = text(
            "SELECT tablename, qual FROM pg_policies WHERE tablename IN ('products', 'call_scripts')"
        )
        assert len({qual for _table, qual in connection.execute(policies)}) == 1

    alembic(copy, url, "downgrade -1", "upgrade head")


@pytest.mark.postgresql
def test_e02_the_documented_test_passes_on_postgresql(copy):
    # A database of its own, not that of the test that runs.
    environment = {"PYTEST_XDIST_WORKER": "extended"}
    command = (
        "-m",
        "pytest",
        "tests/organization/test_call_script.py",
        "--database",
        "postgresql",
        "-p",
        "no:cacheprovider",
    )
    assert "1 passed" in run(copy, *command, **environment)


def directives(*operations):
    return [ops.MigrationScript("x", ops.UpgradeOps(list(operations)), ops.DowngradeOps([]))]


def policies(script, way):
    return [each.table for each in getattr(script, way).ops if isinstance(each, PolicyOp)]


def column():
    return Column("organization_id", BigInteger)


def test_e02_a_table_that_gets_an_organisation_later_is_protected_too():
    [script] = given = directives(ops.ModifyTableOps("products", [ops.AddColumnOp("products", column())]))
    add_policies(None, None, given)

    assert policies(script, "upgrade_ops") == ["products"]
    assert policies(script, "downgrade_ops") == ["products"]


def test_e02_what_no_organisation_owns_gets_no_policy():
    # Members have an organisation and are bound by their section's own statement.
    [script] = given = directives(
        ops.CreateTableOp("ab_user", [column()]),
        ops.ModifyTableOps("products", [ops.AddColumnOp("products", Column("weight", BigInteger))]),
        ops.CreateTableOp("throttles", [Column("key", BigInteger)]),
    )
    add_policies(None, None, given)

    assert policies(script, "upgrade_ops") == policies(script, "downgrade_ops") == []
