"""Workers that run the schedule at the same moment: each mail is sent once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.tasks.saved_reports import send_reports
from models.schedule.saved_report import DeliveryStatus, ReportDelivery, SavedReport, Sending

pytestmark = pytest.mark.postgresql

REPORTS, WORKERS = 6, 3


def test_each_mail_is_sent_once(arena, monkeypatch):
    sent: Counter[str] = Counter()
    monkeypatch.setattr("app.gateways.mailer.SandboxMailer.send", lambda _self, mail: sent.update([mail.key]))
    manager, consultant = arena.member("Manager", "boss"), arena.member("Consultant", "seller")
    with arena.actor() as session:
        session.add_all(
            SavedReport(
                member_id=manager,
                section="reports/final-sales",
                name=f"گزارش {number}",
                sending=Sending.DAILY,
                hour=8,
                span="yesterday",
                receivers=[manager, consultant],
                next_at=now() - timedelta(minutes=number),
            )
            for number in range(1, REPORTS + 1)
        )
    together = Barrier(WORKERS)

    def work(_number):
        with arena.app.app_context():
            together.wait()
            done = send_reports()
            db.session.remove()
            return done

    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(work, range(WORKERS)))
    # A worker that found nothing to take may have left mails that were not committed yet.
    with arena.app.app_context():
        last = send_reports()
        db.session.remove()

    assert sum(runs for runs, _mails in [*done, last]) == REPORTS
    assert len(sent) == REPORTS * 2
    assert set(sent.values()) == {1}
    found = arena.all(select(ReportDelivery.status))
    assert [each for (each,) in found] == [DeliveryStatus.SENT] * REPORTS * 2
