"""Which events of a timeline a member sees."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.lib.clock import now
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, member
from tests.panel.records.timelines.steps import NOTHING, PAGES, address
from tests.support.timelines import follow_up, places, provider, reassigned, received, refused, result, sent


class TestScope:
    """Of a shared customer a consultant sees their own events only; deleted and foreign ones are on no page."""

    @pytest.fixture
    def shared(self, session, organization, stranger_organization, consultant, colleague, manager, customer):
        mine, theirs = follow_up(customer, consultant), follow_up(customer, colleague)
        gone = follow_up(customer, consultant)
        account, other = provider("یک"), provider("دو")
        for row, word, line in (
            (mine, "مال من", account),
            (theirs, "مال همکار", other),
            (gone, "پاک‌شده", account),
        ):
            owner = consultant if row is not theirs else colleague
            result(row, f"نتیجهٔ {word}")
            refused(row, f"ارسال‌نشدهٔ {word}")
            if row is not gone:
                sent(row, f"پیامک {word}", owner, line)
                reassigned(row, manager, owner, manager)
        gone.deleted_at = now()
        received(customer, "پاسخ به من", account)
        received(customer, "پاسخ به همکار", other)
        keys = mine.id, theirs.id, customer.id
        self._settle_abroad(session, stranger_organization, customer.mobile)
        # Rows that were loaded before the other organisation acted are detached.
        session.add_all([manager, consultant, colleague, organization])
        return keys

    @staticmethod
    def _settle_abroad(session, abroad, mobile):
        """The same number at another organisation, with events of its own."""
        session.commit()
        with acting_as(session, Actor(abroad.id)):
            stranger = member("Consultant", abroad, "abroad")
            row = follow_up(CustomerFactory(mobile=mobile), stranger)
            line = provider("سه")
            result(row, "نتیجهٔ بیگانه")
            sent(row, "پیامک بیگانه", stranger, line)
            received(row.customer, "پاسخ به بیگانه", line)
            session.commit()

    def test_a_consultant_sees_their_own_events(self, login, consultant, shared):
        page = login(consultant).get(f"/customers/show/{shared[2]}").text

        words = ["نتیجهٔ مال من", "پیامک مال من", "پاسخ به من", "ارسال‌نشدهٔ مال من"]
        assert -1 not in places(page, words)
        for word in ("مال همکار", "پاسخ به همکار", "پاک‌شده", "بیگانه"):
            assert word not in page

    def test_a_manager_sees_those_of_the_organisation(self, login, manager, shared):
        page = login(manager).get(f"/customers/show/{shared[2]}").text

        words = ["نتیجهٔ مال من", "نتیجهٔ مال همکار", "پیامک مال همکار", "پاسخ به همکار"]
        assert -1 not in places(page, words)
        assert "پاک‌شده" not in page
        assert "بیگانه" not in page

    def test_tabs_count_rows_in_scope(self, login, manager, consultant, shared):
        def counts(person):
            page = login(person).get(f"/customers/show/{shared[2]}").text
            return re.findall(r'tab=([\w-]+)"[^>]*>[^<]*<span class="count">([^<]+)<', page)

        assert dict(counts(consultant)) == {"orders": "۱", "follow-ups": "۱", "sent-sms": "۱"}
        # The order of the deleted follow-up is not deleted.
        assert dict(counts(manager)) == {"orders": "۳", "follow-ups": "۲", "sent-sms": "۲"}

    def test_the_next_contact_is_their_own(self, session, login, consultant, colleague, customer):
        theirs = follow_up(customer, colleague, next_at=now() - timedelta(days=1))
        mine = follow_up(customer, consultant, next_at=now() + timedelta(days=1))
        session.commit()

        page = login(consultant).get(f"/customers/show/{customer.id}").text

        assert f"/follow-ups/{mine.id}/panel" in page
        assert f"/follow-ups/{theirs.id}/panel" not in page

    def test_a_closed_follow_up_has_no_next_contact(self, session, login, consultant, customer):
        closed = follow_up(customer, consultant, status="lost", closed_at=now())
        session.commit()
        client = login(consultant)

        for path in PAGES:
            assert 'class="ahead"' not in client.get(address(path, closed)).text

    def test_without_the_right_to_a_section_its_events_are_missing(
        self, session, login, organization, shared
    ):
        agent = member("SupportAgent", organization)
        session.commit()

        page = login(agent).get(f"/customers/show/{shared[2]}").text

        assert NOTHING in page
        assert "مال" not in page

    def test_the_fragment_is_for_who_sees_the_row(self, login, consultant, colleague, shared, app):
        mine, theirs, _customer = shared
        fragment = {"HX-Request": "true"}

        assert "نتیجهٔ مال من" in login(consultant).get(f"/follow-ups/{mine}/timeline", headers=fragment).text
        assert login(consultant).get(f"/follow-ups/{theirs}/timeline", headers=fragment).status_code == 404
        assert login(colleague).get(f"/follow-ups/{mine}/timeline", headers=fragment).status_code == 404
        assert app.test_client().get(f"/follow-ups/{mine}/timeline").status_code == 302
