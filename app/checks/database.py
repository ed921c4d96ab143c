"""Start-up checks of the database, run once before the workers start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, bindparam, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

# Its listeners set the pragmas of every SQLite connection, here too.
import app.extensions  # noqa: F401 - for these listeners
from app.checks.settings import Settings, refuse_weak_settings
from app.lib.number_digest import key_name
from app.lib.process.environment import EXIT_UNREACHABLE, Misconfigured
from app.lib.process.file_lock import claim_host
from app.panel.access import ROLES

MIGRATIONS = Path(__file__).parents[2] / "models/migrations"
MOST_SECONDS_APART = 5
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
PUBLIC = "Public"

_PUBLIC_PERMISSIONS = text(
    "SELECT count(*) FROM ab_permission_view_role AS pair JOIN ab_role AS role ON role.id = pair.role_id "
    "WHERE role.name = :public"
)
_UNDECLARED = text(
    "SELECT name FROM ab_role WHERE name NOT IN :declared AND id NOT IN (SELECT role_id FROM extra_roles)"
).bindparams(bindparam("declared", expanding=True))
_OTHER_KEY = text("SELECT 1 FROM sms_opt_outs WHERE key_name <> :name LIMIT 1")
_LIFT = text("SELECT set_config('app.unscoped', 'on', true)")


def refuse_unready(settings: Settings) -> None:
    """End the process when the database is not migrated or, in production, when a check fails."""
    refuse_weak_settings(settings)
    refuse_second_host(settings["SQLALCHEMY_DATABASE_URI"])
    engine = create_engine(settings["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            for sentence in database_problems(connection, is_production=settings["APP_ENV"] == "production"):
                raise Misconfigured(sentence)
    except OperationalError as error:
        # The database may be starting, so use the code with which service managers retry.
        raise Misconfigured("پایگاه داده در دسترس نیست.", code=EXIT_UNREACHABLE) from error


def refuse_second_host(url: str) -> None:
    """End the process when another host uses the SQLite file: its locks are invisible here, so rows could be corrupted."""
    file = sqlite_file(url)
    other = claim_host(file) if file else None
    if other is not None:
        sentence = (
            f"پایگاه دادهٔ SQLite در دست میزبان دیگری ({other}) است؛ برای چند میزبان PostgreSQL لازم است."
        )
        raise Misconfigured(sentence, code=EXIT_UNREACHABLE)


def sqlite_file(url: str) -> Path | None:
    """The path of the database if it is a SQLite file."""
    parts = make_url(url)
    named = parts.database if parts.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" else None


def database_problems(connection: Connection, *, is_production: bool) -> Iterator[str]:
    """One sentence per problem; without tables, no other check runs."""
    if not is_migrated(connection):
        yield "جدول‌های پایگاه داده آماده نیست؛ نخست اجرا کنید: flask --app run upgrade"
    elif is_production:
        yield from (sentence for check in CHECKS for sentence in check(connection))


def is_migrated(connection: Connection) -> bool:
    """Whether `upgrade` ran; an unknown revision counts, because newer code may be rolled out."""
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory(str(MIGRATIONS))
    known = {script.revision for script in scripts.walk_revisions()}
    return current is not None and (current == scripts.get_current_head() or current not in known)


def clock_differs(connection: Connection) -> Iterator[str]:
    """Compare the clocks, because leases use the database's; SQLite uses this machine's."""
    if connection.dialect.name != "postgresql":
        return
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    if abs((moment - datetime.now(UTC)).total_seconds()) > MOST_SECONDS_APART:
        yield "ساعت پایگاه داده بیش از ۵ ثانیه با ساعت این دستگاه فرق دارد."


def roles_are_foreign(connection: Connection) -> Iterator[str]:
    """Anonymous visitors must have no permission, and each role must be declared."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LIFT)
    if connection.execute(_PUBLIC_PERMISSIONS, {"public": PUBLIC}).scalar_one():
        yield "نقش Public باید هیچ مجوزی نداشته باشد."
    undeclared = connection.execute(_UNDECLARED, {"declared": [*ROLES, PUBLIC]}).scalars().all()
    if undeclared:
        yield f"نقش ناشناخته در پایگاه داده هست: {'، '.join(undeclared)}"


def sqlite_is_careless(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for name, wanted in PRAGMAS.items():
        if connection.execute(text(f"PRAGMA {name}")).scalar_one() != wanted:
            yield f"پایگاه دادهٔ SQLite باید {name} را درست داشته باشد؛ شاید روی دیسک شبکه است."


def numbers_have_another_key(connection: Connection) -> Iterator[str]:
    """No opt-out is found by digests of another key, so that texts would go to people who want none."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LIFT)
    if connection.execute(_OTHER_KEY, {"name": key_name()}).first() is not None:
        yield (
            "کلید شماره‌های لغو پیامک عوض شده است و هیچ لغوی پیدا نمی‌شود؛ SECRET_KEY پیشین را در انتهای SECRET_KEY_FALLBACKS یا در "
            "NUMBERS_KEY بگذارید."
        )


CHECKS: tuple[Callable[[Connection], Iterator[str]], ...] = (
    clock_differs,
    roles_are_foreign,
    sqlite_is_careless,
    numbers_have_another_key,
)
