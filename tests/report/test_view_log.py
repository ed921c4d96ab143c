"""The trail says that a platform admin read a report of an organisation, or the rows behind its figures."""

import pytest
from sqlalchemy import select

from models.audit.event import AuditEvent
from models.tenancy.scope import Actor, bind
from tests.factories import member

REPORTS = [("reports/final-sales", "FinalSales", "figure-sales"), ("reports/overall", "OverallReport", "")]


@pytest.fixture
def views(session, organization):
    """What the events of readings in the organisation name."""

    def read():
        bind(session, Actor(organization.id))
        found = select(AuditEvent).where(AuditEvent.action == "view").order_by(AuditEvent.id)
        return [(each.object_type, each.object_id) for each in session.scalars(found)]

    return read


@pytest.fixture
def admin(login, organization, manager):
    client = login(member("Admin", None))
    client.post(f"/organizations/enter/{organization.id}")
    return client


@pytest.mark.parametrize(("slug", "kind", "cell"), REPORTS)
class TestReading:
    def test_by_a_platform_admin_is_recorded(self, admin, views, slug, kind, cell):
        assert admin.get(f"/{slug}/").status_code == 200
        assert admin.get(f"/{slug}/rows?cell={cell}").status_code == 200
        assert views() == [(kind, None), (kind, None)]

    def test_of_what_is_not_shown_is_not(self, admin, views, slug, kind, cell):
        assert admin.get(f"/{slug}/rows?cell=x").status_code == 404
        assert admin.get(f"/{slug}/?from=x&to=x").status_code == 422
        assert views() == []

    def test_by_a_member_is_not(self, login, manager, views, slug, kind, cell):
        assert login(manager).get(f"/{slug}/").status_code == 200
        assert views() == []


def test_the_manager_reads_it_in_the_trail(session, login, admin, manager, organization):
    admin.get("/reports/final-sales/")
    client = login(manager)
    text = client.get("/audit/").text
    assert "گزارش فروش نهایی" in text.partition("<main")[2]
    bind(session, Actor(organization.id, manager.id))
    event = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "FinalSales")).one()
    assert client.get(f"/audit/show/{event.id}").status_code == 200
