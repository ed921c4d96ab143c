"""Support of sales: who sees which sales in which tab."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.lib.clock import now
from app.lib.jalali import day_and_month
from models.sale import SaleStatus
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory, SaleFactory, member
from tests.sales.after_sale.steps import listed, register, support_title


class TestList:
    def test_an_agent_sees_all_sales_and_a_consultant_the_own_ones(
        self, session, login, agent, manager, consultant, colleague, sale
    ):
        other = SaleFactory(consultant_id=colleague.id)
        session.commit()

        assert listed(login(agent)) == listed(login(manager)) == {sale.id, other.id}
        assert listed(login(consultant)) == {sale.id}
        assert login(consultant).get(f"/support/{other.id}/panel").status_code == 404

    @pytest.mark.parametrize("status", [SaleStatus.DRAFT, SaleStatus.CANCELLED])
    def test_drafts_and_cancelled_sales_are_absent(self, session, login, agent, sale, status):
        absent = SaleFactory(consultant_id=sale.consultant_id, status=status)
        deleted = SaleFactory(consultant_id=sale.consultant_id)
        deleted.deleted_at = now()
        refunded = SaleFactory(consultant_id=sale.consultant_id, status=SaleStatus.REFUNDED)
        session.commit()
        browser = login(agent)

        assert listed(browser) == listed(browser, "new") == {sale.id, refunded.id}
        for row in (absent, deleted):
            assert browser.get(f"/support/{row.id}/panel").status_code == 404
            assert register(browser, row, support_title()).status_code == 404

    def test_a_sale_of_another_organisation_is_not_there(
        self, stranger_organization, session, login, agent, sale
    ):
        key, browser, stranger = sale.id, login(agent), member("Consultant", stranger_organization)
        bind(session, Actor(stranger_organization.id, stranger.id))
        foreign = SaleFactory(consultant_id=stranger.id).id
        session.commit()

        assert listed(browser) == {key}
        assert browser.get(f"/support/{foreign}/panel").status_code == 404

    def test_a_sale_goes_from_fresh_to_due_and_to_later(self, session, login, agent, sale):
        browser, title = login(agent), support_title()
        due, later = SaleFactory(), SaleFactory()
        due.last_support_result_id = later.last_support_result_id = title.id
        due.support_next_at, later.support_next_at = now() - timedelta(days=1), now() + timedelta(days=3)
        session.commit()

        assert listed(browser, "new") == {sale.id}
        assert listed(browser, "due") == {due.id}
        assert listed(browser, "all") == {sale.id, due.id, later.id}
        assert listed(browser, "all", f_last_support_result=title.id) == {due.id, later.id}

    def test_a_row_has_the_colour_of_its_last_support(self, session, login, agent, sale):
        sale.last_support_result_id = support_title(title="راهنمایی تازه", colour="teal").id
        session.commit()

        page = login(agent).get("/support/?tab=all").text

        assert f'<tr id="row-{sale.id}" data-pk="{sale.id}" data-colour="teal"' in page
        assert "راهنمایی تازه" in page

    def test_names_the_first_product_and_counts_the_others(self, session, login, agent, sale):
        products = [ProductFactory(title="دوره زبان"), ProductFactory(title="کتاب")]
        SaleFactory(items=[(each, 2) for each in products])
        session.commit()

        assert "دوره زبان +۱" in login(agent).get("/support/").text

    @pytest.mark.parametrize("role", ["Operator"])
    def test_others_have_no_support(self, login, organization, sale, role):
        assert login(member(role, None)).get("/support/").status_code == 403

    def test_costs_the_same_for_many_rows(self, session, login, agent, sale, statements):
        browser = login(agent)
        browser.get("/support/")
        statements.clear()
        browser.get("/support/")
        few = len(statements)
        for number in range(30):
            SaleFactory(order__customer__last_name=f"نام بسیار بلند خانوادگی {number}")
        session.commit()
        statements.clear()
        page = browser.get("/support/")

        assert len(statements) <= max(few, 6) <= 6
        assert len(page.data) < 35 * 1024


class TestRest:
    def test_lists_the_sales_and_writes_none(self, session, login, agent, sale):
        from app.services.account.token import make_token  # noqa: PLC0415
        from models.account import TokenScope  # noqa: PLC0415

        _row, token = make_token(agent, name="rest", scope=TokenScope.WRITE, days=1)
        session.commit()
        headers = {"Authorization": f"Bearer {token}"}
        browser = login(agent)

        found = browser.get("/api/v1/support/", headers=headers).json

        assert [item["id"] for item in found["items"]] == [sale.id]
        assert browser.get(f"/api/v1/support/{sale.id}", headers=headers).status_code == 200
        assert browser.post("/api/v1/support/", json={}, headers=headers).status_code in {403, 404, 405}


def test_the_panel_says_the_year_of_an_old_purchase(session, login, agent, sale):
    old = SaleFactory(sold_at=now() - timedelta(days=500))
    session.commit()
    browser = login(agent)

    def says_year(row):
        page = browser.get(f"/support/{row.id}/panel").text
        assert f"خرید {day_and_month(row.sold_at)}" in page
        return f"خرید {day_and_month(row.sold_at, with_year=True)}" in page

    assert says_year(old)
    assert not says_year(sale)
