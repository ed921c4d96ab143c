"""The cells of the permission matrix: read, run one by one against the world, judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import storage
from app.tasks.export import run_export
from models.audit.event import AuditEvent
from models.job import ExportJob
from models.tenancy.scope import Actor, acting_as
from tests.support import asks, requests
from tests.support.api_requests import TRACE
from tests.support.cells import FORCED, Cell
from tests.support.world import PLATFORM, TABLES, World, picture

# 409 refuses what clashes with what is stored, such as a row that this organisation has not.
REFUSALS = {404, 409, 422}
DONE = {"done + audit event", "job created", "rows land in own scope, or row error", FORCED}
# What Admin does without having chosen an organisation to act in; elsewhere he first chooses that of the rows.
WITHOUT_ORGANIZATION = {"account", "organizations", "sms-providers"}


@dataclass
class Run:
    """What became of the cells of one section and actor."""

    world: World
    client: Any
    passed: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def run(self, cell: Cell) -> None:
        """Try the cell inside a savepoint, so that the next one meets the same world."""
        reason = self._why_not(cell)
        if reason:
            self.left_out[reason] += 1
            return
        self.world.session.commit()
        savepoint = db.engines[None].begin_nested()  # type: ignore[attr-defined]  # the test's connection
        try:
            problem = self._judge(cell)
        except AssertionError as error:
            problem = str(error)
        finally:
            self.world.session.rollback()
            self.world.session.expunge_all()
            savepoint.rollback()
        if problem:
            self.failed.append(f"{cell}\n      {problem}")
        else:
            self.passed += 1

    def _why_not(self, cell: Cell) -> str | None:
        if requests.ask_for(cell.section, cell.verb, cell.channel, self.world, self._target(cell)) is None:
            return f"{cell.verb} of {cell.section} does not stand yet"
        return None

    def _target(self, cell: Cell) -> asks.Target:
        return asks.target_of(self.world, cell.scope)

    def _judge(self, cell: Cell) -> str | None:
        if cell.actor == "Admin" and cell.section not in WITHOUT_ORGANIZATION and cell.channel != "api":
            chosen = self.client.post(f"/organizations/enter/{self.world.organization_of(cell.scope).id}")
            assert chosen.status_code == 302, "Admin could not choose the organisation"
        table = _table_of(cell)
        before = picture(self.world, table)
        answer = self._send(cell, self._target(cell))
        after = picture(self.world, table)
        wrong = _STATUS[cell.outcome](cell, answer, self.world)
        if wrong:
            return f"{wrong}, but got {answer.status_code} {answer.headers.get('Location', '')}"
        if cell.expect.startswith("job created"):
            return self._judge_export(cell)
        if cell.outcome in DONE:
            return self._judge_change(cell, answer, before, after)
        if before != after:
            return "the rows have changed"
        return self._judge_body(cell, answer) if answer.status_code == 404 else None

    def _judge_export(self, cell: Cell) -> str | None:
        """The file holds the rows of the scope, or none of them."""
        session, organization_id = self.world.session, self.world.home.id
        if cell.actor == "Admin":
            organization_id = self.world.organization_of(cell.scope).id
        with acting_as(session, Actor(organization_id)):
            [job_id] = session.scalars(select(ExportJob.id)).all()
        session.commit()
        with current_app.app_context():
            run_export(job_id, organization_id)
        with acting_as(session, Actor(organization_id)):
            job = session.get(ExportJob, job_id, populate_existing=True)
            if job.stored_name is None:
                return f"no file: {job.status} {job.error}"
            text = storage().path(job.stored_name).read_text("utf-8")
        expected = not cell.expect.endswith("absent")
        return (
            None if (self.world.words[cell.scope] in text) is expected else "the wrong rows stand in the file"
        )

    def _judge_change(self, cell: Cell, answer: Any, before: Any, after: Any) -> str | None:
        mine = self.world.place
        if (cell.actor == "Admin" and cell.section not in WITHOUT_ORGANIZATION) or (
            (cell.section, cell.actor) == ("tickets", "Operator")
        ):
            mine = self.world.organization_of(cell.scope).id
        if any(before[other] != after[other] for other in before if other != mine):
            return "rows of another organisation have changed"
        refused = answer.status_code in REFUSALS
        if (before[mine] == after[mine]) is not refused:
            return "nothing was done" if not refused else "refused, and still changed"
        if refused:
            return None
        if cell.expect.endswith("audit event") and not self._is_told(cell, mine):
            return "done without an audit event"
        # A new password is the answer itself, and so is a message in an open conversation.
        is_answer = (cell.section, cell.verb) == ("members", "P") or _is_message(cell)
        if cell.channel != "api" and not is_answer and not has_message(self.client, answer):
            return "done without a message"
        return self._judge_owner(cell, before[mine], after[mine])

    def _is_told(self, cell: Cell, organization_id: int) -> bool:
        """Whether an event tells of the request; the platform's own people leave theirs in the log."""
        told = select(AuditEvent.organization_id).where(AuditEvent.request_id == TRACE)
        where = set(self.world.session.scalars(told, execution_options={"unscoped": True}))
        if cell.section == "organizations":
            return len(where) == 1
        return organization_id == PLATFORM or where == {organization_id}

    def _judge_owner(self, cell: Cell, before: Any, after: Any) -> str | None:
        """A new row is its maker's, whatever the form said."""
        columns = TABLES[_table_of(cell)].__table__.columns.keys()
        known = {row[columns.index("id")] for row in before}
        new = [dict(zip(columns, row, strict=True)) for row in after if row[columns.index("id")] not in known]
        if cell.section in {"organizations", "sms-providers"}:
            return None
        makers = (
            {row.get("created_by_id", row.get("created_by_fk")) for row in new}
            if cell.verb in "AI"
            else set()
        )
        assert self.world.actor is not None
        return None if makers <= {self.world.actor.id} else f"the new row is said to be made by {makers}"

    def _judge_body(self, cell: Cell, answer: Any) -> str | None:
        """A row out of sight and a row that is not: word for word the same page."""
        if cell.channel == "api":
            return None
        other = self._send(cell, asks.nowhere())
        same = (other.status_code, other.data) == (answer.status_code, answer.data)
        return None if same else "the answer differs from that for a row that doesn't exist"

    def _send(self, cell: Cell, target: asks.Target) -> Any:
        ask = requests.ask_for(cell.section, cell.verb, cell.channel, self.world, target)
        assert ask is not None
        with self.client.session_transaction() as cookie:
            cookie.pop("_flashes", None)  # what the act of an earlier cell had to say
        what = {"json": ask.data()} if cell.channel == "api" and ask.method != "GET" else {"data": ask.data()}
        answer = self.client.open(ask.path, method=ask.method, headers=ask.headers, **what)
        answer.close()
        return answer


def _code(*codes: int) -> Any:
    def judge(cell: Cell, answer: Any, world: World) -> str | None:
        return None if answer.status_code in codes else f"expected {codes}"

    return judge


def _to_login(cell: Cell, answer: Any, world: World) -> str | None:
    known = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
    return None if known else "expected the login page"


def _with_row(cell: Cell, answer: Any, world: World) -> str | None:
    if answer.status_code != 200 or world.words[cell.scope] not in answer.text:
        return "expected the row"
    keys = world.rows[cell.scope]
    if cell.channel == "api" and cell.verb == "L":
        return None if set(keys) <= _listed(answer) else "expected all rows of the scope in the list"
    shown = all(f'data-pk="{key}"' in answer.text for key in keys) if cell.verb == "L" else True
    return None if shown else "expected all rows of the scope in the list"


def _without_rows(cell: Cell, answer: Any, world: World) -> str | None:
    if cell.channel == "api":
        absent = answer.status_code == 200 and not _listed(answer) & set(world.rows[cell.scope])
        return None if absent else "expected the list without these rows"
    absent = not any(f'data-pk="{key}"' in answer.text for key in world.rows[cell.scope])
    return None if answer.status_code == 200 and absent else "expected the list without these rows"


def _listed(answer: Any) -> set[int]:
    return {item["id"] for item in answer.json["items"]}


def _done(cell: Cell, answer: Any, world: World) -> str | None:
    if cell.channel == "api":
        wanted = {"A": 201, "D": 204}.get(cell.verb, 200)
        return None if answer.status_code == wanted else "expected an act"
    if answer.status_code in {302, 303}:
        return "expected an act" if answer.headers["Location"].startswith("/login/") else None
    # A new password is shown, this once.
    shown = cell.verb == "P" or _is_message(cell)
    return None if answer.status_code == (200 if shown else 204) else "expected an act"


MESSAGES = {(section, "A", "ajax") for section in ("messages", "tickets")}


def _is_message(cell: Cell) -> bool:
    """Whether the cell sends a message into an open page, which gets it back."""
    return (cell.section, cell.verb, cell.channel) in MESSAGES


def has_message(client: Any, answer: Any) -> bool:
    """Whether the user is told what was done: by a toast of the answer, or by one that the next page shows."""
    if '"toast"' in answer.headers.get("HX-Trigger", "") or 'class="notice"' in answer.text:
        return True
    with client.session_transaction() as cookie:
        return bool(cookie.pop("_flashes", None))


def _table_of(cell: Cell) -> str:
    """Whose rows the cell is about; what is sent or uploaded leaves the list as it is."""
    if cell.verb in {"M", "N"}:
        return "campaigns"
    if (cell.section, cell.verb) in {("transactions", "U"), ("dossiers", "U")}:
        return "files"
    if (cell.section, cell.verb) == ("customers", "G"):
        return "follow-ups"
    return "imports" if cell.verb == "I" else cell.section


def _forced(cell: Cell, answer: Any, world: World) -> str | None:
    return None if answer.status_code in {201, 204, 302, 303} | REFUSALS else "expected own or a refusal"


_STATUS: dict[str, Any] = {
    "302 /login/": _to_login,
    "401": _code(401),
    "403": _code(403),
    "404": _code(404),
    "200 with the row": _with_row,
    "200, rows of that scope absent": _without_rows,
    "200 with the file": _code(200),
    "done + audit event": _done,
    "job created": _done,
    "job created, rows of that scope absent": _done,
    FORCED: _forced,
    "rows land in own scope, or row error": _forced,
}
