"""Readers and rights under load: nobody sees another's words or rows, and a right that is gone is gone."""

from __future__ import annotations

from functools import partial

import pytest
from flask_babel import lazy_gettext
from sqlalchemy import create_engine, select, true, update
from sqlalchemy.exc import OperationalError

from app.errors import DomainError
from app.extensions import appbuilder, db
from app.panel.bulk import routes as action_routes
from app.panel.forms.builder import PanelForm
from app.panel.records import deletion_routes as row_routes
from app.panel.section import Section
from app.services.audit.record import record
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order
from models.organization import Organization, OrganizationStatus
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import FollowUpFactory, ProductFactory
from tests.support.racing import at_once
from views.day.follow_up.section import FollowUps
from views.organization.product import Products

ROUNDS = 20
WORDS = ("آبان", "بهمن", "خرداد", "دی", "اسفند", "فروردین", "مهر", "تیر")


@pytest.mark.postgresql
def test_r09_eight_people_who_search_at_once_see_only_their_own_words(arena):
    arena.member("Manager", "nasrin")
    browsers = {word: arena.browser("nasrin") for word in WORDS}
    with arena.actor():
        for word in WORDS:
            ProductFactory(title=f"دوره‌ی {word}ماه")

    for _ in range(ROUNDS):
        pages = at_once(*(partial(browsers[word].get, f"/products/?q={word}ماه") for word in WORDS))

        for word, page in zip(WORDS, pages, strict=True):
            shown = [other for other in WORDS if f"{other}ماه" in page.text]
            assert (page.status_code, shown) == (200, [word])


@pytest.mark.postgresql
def test_r10_what_four_people_add_at_once_hangs_on_the_parent_each_has_chosen(arena):
    arena.member("Manager", "nasrin")
    browsers = [arena.browser("nasrin") for _ in range(4)]
    with arena.actor():
        products = [row.id for row in ProductFactory.create_batch(4)]

    for turn in range(ROUNDS):
        mobiles = [f"0912{number}{turn:06d}" for number in range(4)]
        at_once(
            *(
                partial(
                    browser.post, "/orders/add", data={"mobile": mobile, "product": product, "quantity": "1"}
                )
                for browser, mobile, product in zip(browsers, mobiles, products, strict=True)
            )
        )

        placed = select(Customer.mobile, Order.product_id).join(Order, Order.customer_id == Customer.id)
        wanted = {(f"+98{mobile[1:]}", product) for mobile, product in zip(mobiles, products, strict=True)}
        assert wanted <= set(arena.all(placed))


class TestR14:
    @pytest.fixture
    def refusing(self, monkeypatch):
        """A rule that says no only after the row was written to, and a trail that commits in the same request."""

        def store(section, item, form, *, existing):
            form.populate_obj(item)
            raise DomainError(lazy_gettext("No."), field="code")

        def refuse(form, error):
            record("refused", db.session.scalars(select(Product)).first())
            db.session.commit()

        monkeypatch.setattr(Products, "store", store)
        monkeypatch.setattr(PanelForm, "refuse", refuse)

    @pytest.mark.parametrize("page", ["edit", "add"])
    def test_a_refused_value_is_not_saved_by_a_later_commit(self, session, login, manager, refusing, page):
        row = ProductFactory(code="T-before")
        session.commit()
        url = f"/products/edit/{row.id}" if page == "edit" else "/products/add"

        answer = login(manager).post(url, data={"title": "رد", "code": "T-refused"})

        session.refresh(row)
        assert answer.status_code == 422
        assert row.code == "T-before"
        assert "T-refused" not in session.scalars(select(Product.code)).all()


def _deactivate(arena, member_id):
    return update(Member).where(Member.id == member_id).values(active=False)


def _send_away(arena, member_id):
    return update(Member).where(Member.id == member_id).values(organization_id=None)


def _suspend(arena, member_id):
    return (
        update(Organization)
        .where(Organization.id == arena.organization_id)
        .values(status=OrganizationStatus.SUSPENDED)
    )


@pytest.mark.postgresql
class TestR15:
    @pytest.fixture
    def sara(self, arena) -> int:
        return arena.member("Consultant", "sara")

    @pytest.fixture
    def removal(self, arena, sara):
        """Her bulk deletion of five follow-ups, ready to be sent."""
        with arena.actor(sara):
            keys = [row.id for row in FollowUpFactory.create_batch(5)]
        data = {"action": "remove", "rowid": keys, "_step": "run"}
        return partial(arena.browser("sara").post, "/follow-ups/action_post", data=data)

    @pytest.fixture
    def elsewhere(self, app):
        """Another program's connection to the same database."""
        engine = create_engine(db.engine.url)
        yield engine
        engine.dispose()

    def alive(self, arena) -> int:
        return len(arena.all(select(FollowUp.id).where(FollowUp.deleted_at.is_(None))))

    @pytest.mark.parametrize("revocation", [_deactivate, _send_away, _suspend])
    def test_who_loses_his_place_while_his_request_runs_changes_nothing(
        self, arena, sara, removal, elsewhere, monkeypatch, revocation
    ):
        allowed = action_routes.permitted

        def revoked_meanwhile(*args) -> bool:
            with elsewhere.begin() as connection:
                connection.execute(revocation(arena, sara))
            return allowed(*args)

        monkeypatch.setattr(action_routes, "permitted", revoked_meanwhile)

        answer = removal()

        assert answer.status_code == 403
        assert self.alive(arena) == 5

    def test_nobody_loses_his_place_between_the_check_and_the_commit(
        self, arena, sara, removal, elsewhere, monkeypatch
    ):
        refusals = []
        soft_delete = row_routes.soft_delete

        def deleted_while_somebody_revokes(*args):
            with elsewhere.connect() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
                with pytest.raises(OperationalError) as refusal:
                    connection.execute(_deactivate(arena, sara))
            refusals.append(refusal.value.orig.sqlstate)
            return soft_delete(*args)

        monkeypatch.setattr(row_routes, "soft_delete", deleted_while_somebody_revokes)

        answer = removal()

        assert (answer.status_code, refusals) == (302, ["55P03"])
        assert self.alive(arena) == 0

    def test_the_next_request_after_the_loss_is_refused(self, arena, sara, removal, elsewhere):
        def revoke() -> None:
            with elsewhere.begin() as connection:
                connection.execute(_deactivate(arena, sara))

        at_once(removal, revoke)
        left = self.alive(arena)
        again = removal()

        assert left in {0, 5}
        assert again.status_code in {302, 401, 403}
        assert self.alive(arena) == left


class TestR16:
    """Without anything that the views themselves filter by, foreign rows stay absent."""

    @pytest.fixture
    def bare(self, monkeypatch):
        monkeypatch.setattr(Section, "statement", lambda section: select(section.model).where(true()))
        monkeypatch.setattr(FollowUps, "tabs", ())
        monkeypatch.setattr("app.panel.displays.owners.sees_own_rows_only", lambda: False)
        monkeypatch.setattr(
            Section,
            "get_row",
            lambda section, pk: db.session.scalars(select(section.model).where(section.model.id == pk)).one(),
        )

    @pytest.fixture
    def hidden(self, session, consultant, colleague, stranger_organization) -> list[FollowUp]:
        """A colleague's follow-up and one of another organisation."""
        theirs = FollowUpFactory(consultant_id=colleague.id, order__customer__last_name="همکارزاده").id
        with acting_as(session, Actor(stranger_organization.id, colleague.id)):
            foreign = FollowUpFactory(order__customer__last_name="بیگانه").id
        return [theirs, foreign]

    def test_in_the_list(self, login, consultant, bare, hidden):
        page = login(consultant).get("/follow-ups/?tab=all&size=100").text

        assert "همکارزاده" not in page
        assert "بیگانه" not in page

    @pytest.mark.parametrize("path", ["show/{}", "edit/{}", "{}/panel"])
    def test_at_its_own_address(self, login, consultant, bare, hidden, path):
        browser = login(consultant)
        answers = [browser.get(f"/follow-ups/{path.format(key)}") for key in hidden]

        assert not [answer for answer in answers if answer.status_code == 200]
        assert not [answer for answer in answers if "همکارزاده" in answer.text or "بیگانه" in answer.text]

    def test_from_actions(self, session, login, consultant, bare, hidden):
        for key in hidden:
            data = {"action": "remove", "rowid": [key], "_step": "run"}
            assert login(consultant).post("/follow-ups/action_post", data=data).status_code == 404

        rows = session.scalars(
            select(FollowUp.deleted_at).where(FollowUp.id.in_(hidden)).execution_options(with_deleted=True)
        ).all()
        assert set(rows) <= {None}


@pytest.mark.postgresql
def test_r23_a_role_edited_under_load_breaks_no_request_and_counts_from_the_next(arena):
    arena.member("Consultant", "sara")
    browsers = [arena.browser("sara") for _ in range(4)]
    role = appbuilder.sm.find_role("Consultant")
    right = appbuilder.sm.find_permission_view_menu("can_add", "Products")

    def edit_role() -> None:
        with arena.app.app_context():
            for _ in range(ROUNDS):
                mine = db.session.merge(role)
                mine.permissions = [each for each in mine.permissions if each.id != right.id]
                db.session.commit()
                mine.permissions = [*mine.permissions, db.session.merge(right)]
                db.session.commit()

    def ask(browser) -> list[int]:
        return [browser.get("/products/add").status_code for _ in range(5)]

    before = browsers[0].get("/products/add").status_code
    _nothing, *answers = at_once(edit_role, *(partial(ask, browser) for browser in browsers))
    after = browsers[0].get("/products/add").status_code
    role.permissions.remove(right)
    db.session.commit()
    withdrawn = browsers[0].get("/products/add").status_code

    assert {code for codes in answers for code in codes} <= {200, 403}
    assert (before, after, withdrawn) == (403, 200, 403)
