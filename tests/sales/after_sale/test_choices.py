"""Support entries from the menu of a chip."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from app.lib.clock import now
from models.tenancy.scope import Actor, bind
from tests.factories import ResultTitleFactory
from tests.sales.after_sale.steps import HTMX, entries, stored, support_title, toast


class TestChoice:
    """Two clicks: the chip of a row, and a title."""

    def choose(self, browser, sale, title, token=None):
        return browser.post(f"/support/{sale.id}/choose/{title.id}/{token or uuid4()}", headers=HTMX)

    def test_the_menu_says_what_each_title_proposes_or_needs(self, session, login, agent, sale):
        support_title(title="سه ساعت بعد", suggested_time="hours", suggested_count=3)
        needing = support_title(title="با متن", requires_note=True)
        ResultTitleFactory(title="پیگیری دیگر")
        session.commit()

        menu = login(agent).get("/support/choices", headers=HTMX).text

        assert "تماس: " in menu.partition("سه ساعت بعد")[2].partition("</button>")[0]
        assert f"/support/__pk__/panel?choice={needing.id}" in menu
        assert "توضیحات لازم" in menu
        assert "پیگیری دیگر" not in menu

    def test_records_at_once_with_the_proposed_contact_and_an_undo(self, session, login, agent, sale):
        title = support_title(title="پاسخی نداد", suggested_time="hours", suggested_count=3)
        session.commit()
        browser = login(agent)

        said = toast(self.choose(browser, sale, title))

        assert "پاسخی نداد" in said["text"]
        bind(session, Actor(agent.organization_id))
        found, moment = stored(session, sale)
        assert found == title.id
        assert abs(moment - now() - timedelta(hours=3)) < timedelta(minutes=1)
        toast(browser.post(said["undo_url"], headers=HTMX))
        bind(session, Actor(agent.organization_id))
        assert stored(session, sale) == (None, None)

    def test_a_title_that_needs_more_opens_the_panel_with_it(self, session, login, agent, sale):
        title = support_title(requires_note=True)
        session.commit()
        browser = login(agent)

        refused = toast(self.choose(browser, sale, title))
        panel = browser.get(f"/support/{sale.id}/panel?choice={title.id}", headers=HTMX).text

        assert refused["level"] == "danger"
        chosen = panel.partition(f'value="{title.id}"')[2].partition(">")[0]
        assert " checked" in chosen
        bind(session, Actor(agent.organization_id))
        assert entries(session, sale) == []

    def test_a_click_that_is_sent_twice_records_once(self, session, login, agent, sale):
        title, token = support_title(), uuid4()
        session.commit()
        browser = login(agent)

        assert [self.choose(browser, sale, title, token).status_code for _ in range(2)] == [204, 204]
        bind(session, Actor(agent.organization_id))
        assert len(entries(session, sale)) == 1

    def test_the_chip_is_a_button_for_those_who_may_register(self, session, login, agent, sale):
        assert "<button class=chip" in login(agent).get("/support/?tab=all").text

    def test_a_title_of_a_follow_up_is_refused(self, session, login, agent, sale):
        title = ResultTitleFactory()
        session.commit()

        assert toast(self.choose(login(agent), sale, title))["level"] == "danger"

    def test_a_sale_or_title_that_is_none_is_not_there(self, session, login, consultant, colleague, sale):
        title = support_title()
        session.commit()

        assert self.choose(login(colleague), sale, title).status_code == 404
        browser = login(consultant)
        assert browser.post(f"/support/{sale.id}/choose/99999/{uuid4()}", headers=HTMX).status_code == 404
        assert browser.post(f"/support/{sale.id}/choose/{title.id}/x", headers=HTMX).status_code == 404
