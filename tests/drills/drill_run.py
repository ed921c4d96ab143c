"""The environment of a drill: its servers, its workers and an organisation with customers."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from werkzeug.security import generate_password_hash

from app.extensions import celery, db
from app.factory import create_app
from app.services.sms.campaign.create import create_campaign
from app.services.sms.campaign.recipients import Selection
from app.services.sms.provider import ensure_account, save_key
from models.customer import Customer
from models.member import Member
from models.organization import Organization
from models.sms.campaign import Audience, CampaignStatus, SmsCampaign
from models.sms.message import SETTLED, MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.sms.template import SmsCategory, SmsTemplate
from models.tenancy.scope import Actor, acting_as
from tests import factories
from tests.drills.plan import DURABLE
from tests.drills.processes import Broker, Process, beat_process, sandbox, wait_for, worker
from tests.support.databases import Cluster
from tests.support.stack import free_port

_OVER = {CampaignStatus.FINISHED, CampaignStatus.CANCELLED}
TEXT = "سلام {name} عزیز، دوره تازه ثبت‌نام می‌کند."


@dataclass
class SandboxProcess:
    """A sandbox as a separate process, controlled over HTTP."""

    port: int
    process: Process

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def ledger_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sandbox/ledger"

    def start(self) -> None:
        self.process.start()
        wait_for(self._is_up, "the sandbox")

    def control(self, **settings: Any) -> None:
        self._call("control", settings)

    def accepts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("ledger")
        return found

    def _is_up(self) -> bool:
        try:
            return bool(self._call("tally")) or True
        except OSError:
            return False

    def _call(self, name: str, given: Any = None) -> Any:
        body = None if given is None else json.dumps(given).encode()
        asked = Request(
            f"http://127.0.0.1:{self.port}/sandbox/{name}", body, {"Content-Type": "application/json"}
        )
        with urlopen(asked, timeout=30) as answer:
            return json.load(answer)


@dataclass
class DrillRun:
    """The processes and data of one drill; campaigns are created in this process."""

    app: Flask
    folder: Path
    broker: Broker | None
    cluster: Cluster | None
    sandbox: SandboxProcess
    workers: list[Process]
    beat: Process
    organization_id: int = 0
    member_id: int = 0
    template_id: int = 0
    campaigns: list[int] = field(default_factory=list)
    expected: int = 0
    spare: SandboxProcess | None = None

    def start(self, **more: str) -> None:
        """Start the workers and the scheduler; *more* are environment variables for these only."""
        for process in (*self.workers, self.beat):
            process.start(**more)

    def stop(self) -> None:
        for process in (*self.workers, self.beat):
            process.kill()

    @contextmanager
    def actor(self) -> Iterator[Any]:
        with acting_as(db.session(), Actor(self.organization_id, self.member_id)) as session:
            yield session
            session.commit()

    def customers(self, number: int) -> list[int]:
        """Create *number* customers; returns their keys."""
        with self.actor() as session:
            start = session.scalar(select(func.count(Customer.id))) or 0
            rows = [
                Customer(mobile=mobile(start + n), first_name="مریم", last_name=f"رضایی {start + n}")
                for n in range(number)
            ]
            session.add_all(rows)
            session.flush()
            return [row.id for row in rows]

    def send(self, keys: Sequence[int], audience: Audience = Audience.CUSTOMERS) -> int:
        """Create a campaign, as the web server does; returns its key."""
        with self.actor() as session:
            made = create_campaign(
                Selection(audience, keys),
                session.get_one(SmsTemplate, self.template_id),
                client_token=uuid4(),
                by=session.get_one(Member, self.member_id),
            )
            key = made.campaign.id
        self.campaigns.append(key)
        self.expected += len(keys)
        return key

    def look(self, question: Callable[[Any], Any]) -> Any:
        """The result of *question* on a fresh session; None while the database is down."""
        try:
            with self.actor() as session:
                session.expire_all()
                return question(session)
        except DBAPIError:
            db.session.rollback()
            return None

    def states(self, key: int | None = None) -> Counter[MessageState]:
        statement = select(SmsMessage.state, func.count()).group_by(SmsMessage.state)
        if key is not None:
            statement = statement.where(SmsMessage.campaign_id == key)
        return Counter(dict(self.look(lambda session: session.execute(statement).tuples().all()) or ()))

    def number(self, *states: MessageState) -> int:
        found = self.states()
        return sum(found[state] for state in states)

    def settled(self) -> int:
        return self.number(*SETTLED)

    def campaign(self, key: int) -> Any:
        """The status and the pause reason of a campaign."""
        statement = select(SmsCampaign.status, SmsCampaign.pause_reason).where(SmsCampaign.id == key)
        return wait_for(lambda: self.look(lambda session: session.execute(statement).one()), "the database")

    def are_over(self) -> bool:
        """Whether all campaigns are finished or cancelled."""
        statement = select(SmsCampaign.status).where(SmsCampaign.id.in_(self.campaigns))
        found = self.look(lambda session: session.scalars(statement).all())
        return bool(found) and set(found) <= _OVER

    def wait_until_over(self, patience: float = 300) -> None:
        wait_for(self.are_over, "the end of the campaigns", patience)

    def tick(self, name: str = "sms.dispatch") -> None:
        """Queue a periodic task now."""
        celery.tasks[name].delay()

    def add_spare(self) -> SandboxProcess:
        """Add a second provider with lower priority."""
        port = free_port()
        self.spare = SandboxProcess(port, sandbox(self.folder, port, "spare"))
        self.spare.start()
        account = SmsProvider(
            name="spare", base_url=self.spare.api, line="10004347", can_look_up=True, position=9
        )
        save_key(account, "sandbox")
        db.session.add(account)
        db.session.commit()
        return self.spare

    def change(self, statement: Any) -> None:
        with self.actor() as session:
            session.execute(statement.execution_options(synchronize_session=False))


def mobile(number: int) -> str:
    """A mobile number without a special meaning in the sandbox."""
    return f"+98912{number // 1000:03d}{number % 1000:03d}5"


@contextmanager
def drill_run(folder: Path) -> Iterator[DrillRun]:
    """A drill on the servers given by the environment; stops all started processes at the end."""
    app = create_app()
    port = int(os.environ["SANDBOX_PORT"])
    redis_url, home = os.environ.get("REDIS_URL"), os.environ.get("DRILL_CLUSTER")
    drill = DrillRun(
        app=app,
        folder=folder,
        broker=Broker(folder, int(redis_url.split(":")[2].split("/")[0])) if redis_url else None,
        cluster=Cluster.at(Path(home), DURABLE) if home else None,
        sandbox=SandboxProcess(port, sandbox(folder, port)),
        workers=[worker(folder, number) for number in (1, 2)],
        beat=beat_process(folder),
    )
    with app.app_context():
        try:
            if drill.broker:
                drill.broker.start()
            drill.sandbox.start()
            _people(drill)
            yield drill
        finally:
            for process in (*drill.workers, drill.beat):
                process.kill()
            for each in (drill.sandbox, drill.spare):
                if each:
                    each.process.kill()
            if drill.broker:
                drill.broker.stop()
            db.session.remove()


def _people(drill: DrillRun) -> None:
    """Create an organisation that is open all day, its manager, a template, and the first account."""
    organization = factories.organization_with("drill")
    db.session.commit()
    drill.organization_id = organization.id
    with acting_as(db.session(), Actor(organization.id)) as session:
        manager = factories.member("Manager", organization)
        # The drill logs in over HTTP; a weak hash makes that fast.
        manager.password = generate_password_hash(factories.PASSWORD, "pbkdf2:sha256:1")
        template = SmsTemplate(title="دوره تازه", body=TEXT, category=SmsCategory.SERVICE)
        session.add(template)
        session.flush()
        drill.member_id, drill.template_id = manager.id, template.id
        all_day = {"sending_from": time(), "sending_until": time(), "holidays": {}}
        session.execute(update(Organization).where(Organization.id == organization.id).values(**all_day))
        session.commit()
    ensure_account(drill.sandbox.api, "sandbox", "10004346", calls_per_second=None)
    db.session.commit()
