"""Words of a section that sales declare, tried on sections that do not: doubts, deletion, files, look-ups, pages."""

import re
from io import BytesIO

import pytest
from sqlalchemy import select

from app.errors import Conflict, DomainError, Refusals, Unsure
from app.panel.forms.doubts import answered_doubts
from app.panel.queries.search import matching
from app.panel.records.attachment_routes import guarded_attach
from models.attachment import Attachment
from models.order import Order
from models.product import Product
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory
from tests.support.attached import PDF
from views.organization.product import Products
from views.sales.customer import Customers

FORM = {"title": "دوره", "code": "N-1", "price": "1000", "is_active": "y"}
RUN = {"_step": "run"}


def doubtful(_section, item):
    """A price of a million tomans and more is unusual, a code of one letter is wrong."""
    doubt = Unsure("گران است؟", code=f"price {item.price}", field="price")
    found = [doubt] if (item.price or 0) >= 10_000_000 and doubt.code not in answered_doubts() else []
    found += [DomainError("کد کوتاه است", field="code")] if len(item.code) == 1 else []
    if found:
        raise Refusals(*found)


class TestDoubts:
    @pytest.fixture(autouse=True)
    def rule(self, monkeypatch):
        monkeypatch.setattr(Products, "check", doubtful)

    def sure(self, answer):
        return re.findall(r'name="_sure" value="([^"]+)"', answer.text)

    def test_a_doubt_is_asked_once_beside_its_field(self, session, login, manager):
        client, data = login(manager), FORM | {"price": "1000000"}
        asked = client.post("/products/add", data=data)

        assert (asked.status_code, self.sure(asked)) == (422, ["price 10000000"])
        assert "ذخیره با این حال" in asked.text
        assert client.post("/products/add", data=data | {"_sure": self.sure(asked)}).status_code == 302

    def test_another_value_is_asked_anew(self, login, manager):
        client = login(manager)
        asked = client.post("/products/add", data=FORM | {"price": "1000000"})
        again = client.post("/products/add", data=FORM | {"price": "2000000", "_sure": self.sure(asked)})

        assert again.status_code == 422
        assert "price 20000000" in self.sure(again)

    def test_beside_a_mistake_nothing_is_asked(self, login, manager):
        wrong = login(manager).post("/products/add", data=FORM | {"price": "1000000", "code": "K"})

        assert (wrong.status_code, self.sure(wrong)) == (422, [])
        assert "ذخیره با این حال" not in wrong.text

    def test_what_is_usual_is_not_asked(self, login, manager):
        assert login(manager).post("/products/add", data=FORM).status_code == 302


class TestDeletion:
    @pytest.fixture(autouse=True)
    def rule(self, monkeypatch):
        def check(_section, item):
            if item.title == "ماندنی":
                raise Conflict("این محصول می‌ماند.")

        monkeypatch.setattr(Products, "check_deletion", check)

    def test_one_row_that_must_stay_stays(self, session, login, manager):
        key = ProductFactory(title="ماندنی").id
        session.commit()
        answer = login(manager).post(f"/products/delete/{key}", headers={"HX-Request": "true"})

        assert '"level": "danger"' in answer.headers["HX-Trigger"]
        assert session.get(Product, key) is not None

    def test_the_others_of_the_act_are_deleted_and_come_back(self, session, login, manager):
        stays, goes = ProductFactory(title="ماندنی").id, ProductFactory(title="رفتنی").id
        session.commit()
        data = {**RUN, "action": "remove", "rowid": [str(stays), str(goes)]}
        answer = login(manager).post("/products/action_post", data=data, headers={"HX-Request": "true"})

        session.expire_all()
        assert session.scalars(select(Product.id).where(Product.id.in_([stays, goes]))).all() == [stays]
        undo = re.search(r"/products/undo/[0-9a-f-]+", answer.headers["HX-Trigger"])[0]
        login(manager).post(undo)
        session.expire_all()
        assert len(session.scalars(select(Product.id).where(Product.id.in_([stays, goes]))).all()) == 2


def test_a_section_names_the_right_to_attach_files(app, session, login, consultant, monkeypatch):
    """Consultants have no right to delete customers: with it as the right to attach, they attach nothing."""
    row = FollowUpFactory(consultant_id=consultant.id).customer
    session.commit()
    section = next(each for each in app.appbuilder.baseviews if type(each) is Customers)
    url = f"/customers/{row.id}/files/add"
    assert login(consultant).post(url, data={"files": (BytesIO(PDF), "a.pdf")}).status_code == 302

    monkeypatch.setattr(Customers, "attach_right", "delete")
    endpoint = f"{section.endpoint}.attach"
    monkeypatch.setitem(app.view_functions, endpoint, guarded_attach("delete").__get__(section))

    assert login(consultant).post(url, data={"files": (BytesIO(PDF), "b.pdf")}).status_code == 403
    assert (
        'name="files"'
        not in login(consultant).get(f"/customers/{row.id}/files", headers={"HX-Request": "true"}).text
    )
    assert session.query(Attachment).filter_by(original_name="b.pdf").count() == 0


def test_a_row_is_found_by_the_relations_of_its_model(session, manager, monkeypatch):
    monkeypatch.setattr(Order, "__found_by__", ("customer",), raising=False)
    wanted = OrderFactory(customer=CustomerFactory(last_name="ناصری"))
    OrderFactory(customer=CustomerFactory(last_name="رضایی"))
    session.flush()

    found = matching(Order, "ناصري")
    assert session.scalars(select(Order.id).where(found.clause), found.values).all() == [wanted.id]


def test_a_page_has_parts_of_its_own(session, login, manager, monkeypatch):
    key = ProductFactory().id
    session.commit()
    seen = []
    monkeypatch.setattr(
        Products, "record_parts", lambda _section, row: seen.append(row.id) or {"reloads": True}
    )

    assert 'id="record" data-reloads' in login(manager).get(f"/products/show/{key}").text
    assert seen == [key]
    assert "data-reloads" not in login(manager).get("/customers/").text
