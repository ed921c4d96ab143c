"""Where a drill takes place: its servers, its workers, an organisation with customers, and who looks at the tables."""

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
from tests.drills.processes import Broker, Process, clockwork, sandbox, wait_for, worker
from tests.support.databases import Cluster
from tests.support.stack import free_port

_OVER = {CampaignStatus.FINISHED, CampaignStatus.CANCELLED}
TEXT = "سلام {name} عزیز، دوره تازه ثبت‌نام می‌کند."


@dataclass
class Sandbox:
    """A provider in a process of its own, over HTTP."""

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
class Stage:
    """Everything that a drill works with; campaigns are made here, as the web server makes them."""

    app: Flask
    folder: Path
    broker: Broker | None
    cluster: Cluster | None
    sandbox: Sandbox
    workers: list[Process]
    beat: Process
    organization_id: int = 0
    member_id: int = 0
    template_id: int = 0
    campaigns: list[int] = field(default_factory=list)
    expected: int = 0
    spare: Sandbox | None = None

    def start(self, **more: str) -> None:
        """Workers and clockwork; *more* are settings of theirs alone."""
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
        """The keys of *number* new customers."""
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
        """What «send» does; the job is woken after the commit."""
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
        """The answer of the tables, also while they come and go."""
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
        """Its status, and why it is paused."""
        statement = select(SmsCampaign.status, SmsCampaign.pause_reason).where(SmsCampaign.id == key)
        return wait_for(lambda: self.look(lambda session: session.execute(statement).one()), "the database")

    def are_over(self) -> bool:
        """Whether all campaigns have come to their end."""
        statement = select(SmsCampaign.status).where(SmsCampaign.id.in_(self.campaigns))
        found = self.look(lambda session: session.scalars(statement).all())
        return bool(found) and set(found) <= _OVER

    def wait_until_over(self, patience: float = 300) -> None:
        wait_for(self.are_over, "the end of the campaigns", patience)

    def tick(self, name: str = "sms.dispatch") -> None:
        """Say «look now» without waiting for the clockwork."""
        celery.tasks[name].delay()

    def add_spare(self) -> Sandbox:
        """A second provider, behind the first."""
        port = free_port()
        self.spare = Sandbox(port, sandbox(self.folder, port, "spare"))
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
    """Numbers that nothing is the matter with at the sandbox."""
    return f"+98912{number // 1000:03d}{number % 1000:03d}5"


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """On the servers that the environment names; ends everything that was started."""
    app = create_app()
    port = int(os.environ["SANDBOX_PORT"])
    redis_url, home = os.environ.get("REDIS_URL"), os.environ.get("DRILL_CLUSTER")
    built = Stage(
        app=app,
        folder=folder,
        broker=Broker(folder, int(redis_url.split(":")[2].split("/")[0])) if redis_url else None,
        cluster=Cluster.at(Path(home), DURABLE) if home else None,
        sandbox=Sandbox(port, sandbox(folder, port)),
        workers=[worker(folder, number) for number in (1, 2)],
        beat=clockwork(folder),
    )
    with app.app_context():
        try:
            if built.broker:
                built.broker.start()
            built.sandbox.start()
            _people(built)
            yield built
        finally:
            for process in (*built.workers, built.beat):
                process.kill()
            for each in (built.sandbox, built.spare):
                if each:
                    each.process.kill()
            if built.broker:
                built.broker.stop()
            db.session.remove()


def _people(built: Stage) -> None:
    """An organisation that is open all day, its manager, his template, and the first account."""
    organization = factories.organization_with("drill")
    db.session.commit()
    built.organization_id = organization.id
    with acting_as(db.session(), Actor(organization.id)) as session:
        manager = factories.member("Manager", organization)
        # He logs in for real, and a weak hash keeps that short.
        manager.password = generate_password_hash(factories.PASSWORD, "pbkdf2:sha256:1")
        template = SmsTemplate(title="دوره تازه", body=TEXT, category=SmsCategory.SERVICE)
        session.add(template)
        session.flush()
        built.member_id, built.template_id = manager.id, template.id
        all_day = {"sending_from": time(), "sending_until": time(), "holidays": []}
        session.execute(update(Organization).where(Organization.id == organization.id).values(**all_day))
        session.commit()
    ensure_account(built.sandbox.api, "sandbox", "10004346", calls_per_second=None)
    db.session.commit()
