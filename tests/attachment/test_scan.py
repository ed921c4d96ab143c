"""Files are scanned where a scanner is configured; an infected one can't be downloaded."""

from io import BytesIO

import pytest
from sqlalchemy import select

from app.gateways import scanner
from app.gateways.scanner import ScannerAway, Verdict, scan
from app.gateways.storage import Upload
from app.services.attachment.attach import attach
from app.tasks.attachments import scan_files
from models.attachment import Attachment, AttachmentState
from models.audit.event import AuditEvent
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, member
from tests.support.clamd import EICAR, TOO_LARGE, clamd_server

CLEAN = b"some words\n"
_S = AttachmentState


@pytest.fixture(scope="module")
def clamd():
    with clamd_server() as address:
        yield address


@pytest.fixture
def scanning(app, monkeypatch, clamd):
    monkeypatch.setitem(app.config, "CLAMD_ADDRESS", clamd)


@pytest.fixture
def files(session, manager):
    """A customer with a clean file and an infected one."""
    customer = CustomerFactory()
    session.commit()
    attach(customer, [Upload("clean.txt", BytesIO(CLEAN)), Upload("bad.txt", BytesIO(EICAR))])
    session.commit()
    return customer.id


def states(session):
    session.expire_all()
    found = select(Attachment.original_name, Attachment.state).order_by(Attachment.id)
    return dict(session.execute(found, execution_options={"with_deleted": True}).all())


class TestScanner:
    @pytest.mark.parametrize(
        ("data", "verdict"),
        [
            (CLEAN, Verdict.CLEAN),
            (b"", Verdict.CLEAN),
            (EICAR, Verdict.INFECTED),
            (b"x" * 100_000 + EICAR, Verdict.INFECTED),
            (b"x" * (TOO_LARGE + 1), Verdict.FAILED),
        ],
    )
    def test_reads_the_verdict(self, app, scanning, data, verdict):
        assert scan(BytesIO(data)) is verdict

    def test_is_away_where_nothing_listens(self, app, monkeypatch):
        monkeypatch.setitem(app.config, "CLAMD_ADDRESS", "127.0.0.1:1")

        with pytest.raises(ScannerAway):
            scan(BytesIO(CLEAN))

    def test_is_not_configured_by_default(self, app):
        assert not scanner.is_configured()


class TestFiles:
    def test_are_not_scanned_without_a_scanner_and_say_so(self, session, login, manager, files):
        scan_files()

        assert set(states(session).values()) == {_S.NOT_SCANNED}
        page = login(manager).get(f"/customers/show/{files}").text
        assert "بررسی نشده" in page

    def test_are_scanned_with_one(self, session, scanning, files):
        session.commit()
        scan_files()

        assert states(session) == {"clean.txt": _S.CLEAN, "bad.txt": _S.INFECTED}

    def test_of_all_organisations_are_scanned_and_deleted_ones_too(
        self, session, scanning, stranger_organization, files
    ):
        with acting_as(session, Actor(stranger_organization.id)):
            stranger = member("Manager", stranger_organization, "far-manager").id
        with acting_as(session, Actor(stranger_organization.id, stranger)):
            customer = CustomerFactory()
            session.commit()
            attach(customer, [Upload("far.txt", BytesIO(EICAR))])
            session.commit()

        scan_files()

        with acting_as(session, Actor(stranger_organization.id)):
            assert states(session) == {"far.txt": _S.INFECTED}

    def test_wait_while_the_scanner_is_away(self, app, session, monkeypatch, files, clamd):
        monkeypatch.setitem(app.config, "CLAMD_ADDRESS", "127.0.0.1:1")
        scan_files()
        assert set(states(session).values()) == {_S.NOT_SCANNED}

        monkeypatch.setitem(app.config, "CLAMD_ADDRESS", clamd)
        scan_files()

        assert states(session)["bad.txt"] is _S.INFECTED

    def test_that_are_infected_are_not_downloaded_and_others_are(
        self, session, login, scanning, manager, files
    ):
        browser = login(manager)
        scan_files()
        keys = dict(session.execute(select(Attachment.original_name, Attachment.uuid)).all())

        page = browser.get(f"/customers/show/{files}").text
        with browser.get(f"/customers/{files}/files/{keys['clean.txt']}") as good:
            assert (good.status_code, good.data) == (200, CLEAN)
        assert browser.get(f"/customers/{files}/files/{keys['bad.txt']}").status_code == 403
        assert "آلوده" in page
        assert str(keys["bad.txt"]) not in page.replace(f"{keys['bad.txt']}/delete", "")

    def test_that_are_infected_leave_an_event(self, session, scanning, files):
        scan_files()

        assert "infected" in session.scalars(select(AuditEvent.action)).all()
