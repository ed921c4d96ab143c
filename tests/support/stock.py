"""A stock Flask-AppBuilder and what it lets happen: `python -m tests.support.stock <folder>` prints it as JSON.

A program of its own, for our models and FAB's can't stand in one metadata with different users.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextvars import Context
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla.base import SQLA
from sqlalchemy import event
from werkzeug.security import check_password_hash

PASSWORD = "Old-Pass-word 1"
FAILURES = 30
DATABASE = "stock.db"


def ask(folder: Path) -> dict[str, Any]:
    """What each probe has found, by its name."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.stock", str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answers: dict[str, Any] = json.loads(found.splitlines()[-1])
    return answers


class Browser(FlaskClient):
    """Its requests share neither session nor user with who asks."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return Context().run(super().open, *args, **kwargs)


class Stock:
    """The app with an admin, a manager who may set passwords and edit users, and a plain user."""

    def __init__(self, folder: Path) -> None:
        self.app = Flask("stock")
        self.app.config.update(
            SECRET_KEY="stock",
            SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/{DATABASE}",
            WTF_CSRF_ENABLED=False,
            FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1",
        )
        self.app.test_client_class = Browser
        self.db = SQLA(self.app)
        with self.app.app_context():
            self.builder = AppBuilder(self.app, self.db.session)
            if self.builder.sm.find_user("root") is None:
                self._add_people()

    def _add_people(self) -> None:
        sm = self.builder.sm
        rights = [
            sm.find_permission_view_menu(f"can_{name}", view)
            for view, names in (
                ("ResetPasswordView", ("this_form_get", "this_form_post")),
                ("ResetMyPasswordView", ("this_form_get", "this_form_post")),
                ("UserDBModelView", ("list", "show", "edit")),
            )
            for name in names
        ]
        roles = {"root": sm.find_role("Admin"), "chief": sm.add_role("Chief", rights)}
        for name, role in roles.items():
            sm.add_user(name, name, name, f"{name}@example.ir", role, PASSWORD)

    def user(self, name: str) -> Any:
        self.db.session.expire_all()
        return self.builder.sm.find_user(name)

    def browser(self, name: str = "", password: str = PASSWORD) -> FlaskClient:
        client = self.app.test_client()
        if name:
            log_in(client, name, password)
        return client

    def has_password(self, name: str, password: str) -> bool:
        return check_password_hash(self.user(name).password, password)


def log_in(client: FlaskClient, name: str, password: str) -> Any:
    return client.post("/login/", data={"username": name, "password": password})


def is_in(client: FlaskClient) -> bool:
    return client.get("/users/list/").status_code == 200


def new_password(password: str) -> dict[str, str]:
    return {"password": password, "conf_password": password}


def f14(stock: Stock) -> dict[str, Any]:
    """Somebody else's password, one's own without the present one, and no key at all."""
    root, chief = stock.user("root").id, stock.browser("chief")
    chief.post(f"/resetpassword/form?pk={root}", data=new_password("taken-over"))
    chief.post("/resetmypassword/form", data=new_password("not-asked"))
    nobody = chief.post("/resetpassword/form", data=new_password("x"))
    return {
        "taken over": stock.has_password("root", "taken-over"),
        "not asked": stock.has_password("chief", "not-asked"),
        "without a key": nobody.status_code,
    }


def f15(stock: Stock) -> dict[str, Any]:
    """A cookie that outlives the logout, which a mere link does."""
    client = stock.browser("chief")
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    left = client.get("/logout/").status_code
    thief = stock.browser()
    with thief.session_transaction() as cookie:
        cookie.update(kept)
    return {"by get": left, "replayed": is_in(thief)}


def f18(stock: Stock) -> dict[str, Any]:
    """Two failures that cross are counted once, and nothing ever locks."""
    inner = [True]

    def crossing(stored: str, password: str) -> bool:
        if inner.pop() if inner else False:
            log_in(stock.browser(), "chief", "wrong")
        return check_password_hash(stored, password)

    with mock.patch("flask_appbuilder.security.manager.check_password_hash", crossing):
        log_in(stock.browser(), "chief", "wrong")
    counted = stock.user("chief").fail_login_count
    for _try in range(FAILURES):
        log_in(stock.browser(), "chief", "wrong")
    return {"counted": counted, "right one after failures": is_in(stock.browser("chief"))}


def f19(stock: Stock) -> dict[str, Any]:
    """The second way in, and whether anything stops it."""
    wrong = {"username": "chief", "password": "wrong", "provider": "db"}
    codes = {
        stock.browser().post("/api/v1/security/login", json=wrong).status_code for _try in range(FAILURES)
    }
    return {"codes": sorted(codes)}


def f24(stock: Stock) -> dict[str, Any]:
    """No rule by default; the one there is wants Latin letters."""
    chief = stock.browser("chief")
    chief.post("/resetmypassword/form", data=new_password("1"))
    short = stock.has_password("chief", "1")
    stock.app.config["FAB_PASSWORD_COMPLEXITY_ENABLED"] = True
    chief.post("/resetmypassword/form", data=new_password("یک جملهٔ خوب و بلند ۱۲"))
    return {"short": short, "persian": not stock.has_password("chief", "1")}


def f30(stock: Stock) -> dict[str, Any]:
    """What the page says when the database refuses the change."""
    chief = stock.browser("chief")
    with failing_commit(stock.db.session, stock.db.engine):
        answer = chief.post("/resetmypassword/form", data=new_password("never-written"))
    with chief.session_transaction() as cookie:
        said = str(cookie.get("_flashes"))
    return {
        "status": answer.status_code,
        "says changed": "Password Changed" in said,
        "is changed": stock.has_password("chief", "never-written"),
    }


def t19(stock: Stock) -> dict[str, Any]:
    """Who may edit users makes himself an admin."""
    chief, admin = stock.user("chief"), stock.builder.sm.find_role("Admin")
    data = {
        "first_name": "c",
        "last_name": "c",
        "username": "chief",
        "email": chief.email,
        "active": "y",
        "roles": [str(admin.id)],
    }
    stock.browser("chief").post(f"/users/edit/{chief.id}", data=data)
    return {"roles": [role.name for role in stock.user("chief").roles]}


def t07(stock: Stock) -> dict[str, Any]:
    """The eleventh filter of a column."""
    view = next(each for each in stock.builder.baseviews if type(each).__name__ == "UserDBModelView")
    from flask_appbuilder.urltools import get_filter_args  # noqa: PLC0415 - the probe is about this function

    with stock.app.test_request_context("/users/list/?_flt_9_username=a&_flt_11_username=b"):
        filters = view.datamodel.get_filters(["username"])
        with mock.patch.object(filters, "add_filter_index") as added:
            get_filter_args(filters)
    return {"reached": sorted(call.args[1] for call in added.call_args_list)}


def t26(stock: Stock) -> dict[str, Any]:
    """A right that the database did not take."""
    with failing_commit(stock.db.session, stock.db.engine, at="INSERT INTO ab_permission_view"):
        pair = stock.builder.sm.add_permission_view_menu("can_nothing", "UserDBModelView")
    return {"raised": False, "pair": pair}


class failing_commit:  # noqa: N801 - reads as a verb
    """The database fails at the commit of whatever wrote *at*; works on any session, ours and a stock one."""

    def __init__(self, registry: Any, engine: Any, at: str = r"UPDATE ab_user SET .*\bpassword=") -> None:
        self.registry, self.engine, self.at, self.armed = registry, engine, at, False

    def _see(self, _conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.armed = self.armed or re.match(self.at, statement, re.DOTALL) is not None

    def _fail(self, session: Any) -> None:
        session.flush()
        if self.armed:
            raise OSError("the database is gone")

    def __enter__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._see)
        event.listen(self.registry, "before_commit", self._fail)

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._see)
        event.remove(self.registry, "before_commit", self._fail)


PROBES: tuple[Callable[[Stock], dict[str, Any]], ...] = (f14, f15, f18, f19, f24, f30, t19, t07, t26)


def main(folder: Path) -> None:
    """Each probe on a database of its own, a copy of the first."""
    first = Stock(folder)
    with first.app.app_context():
        first.db.engine.dispose()
    found = {}
    for probe in PROBES:
        place = folder / probe.__name__
        place.mkdir()
        shutil.copy(folder / DATABASE, place)
        stock = Stock(place)
        with stock.app.app_context():
            found[probe.__name__] = probe(stock)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
