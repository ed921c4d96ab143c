"""Children: rows that stand on the page of their parent alone, with their flag, their rights and their events."""

import json

from sqlalchemy import select

from models.audit.event import AuditEvent
from models.customer import Address, Customer
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, FollowUpFactory, member

HTMX = {"HX-Request": "true"}
LINE = {"line": "بلوار چمران، کوچهٔ ۱۲"}


def defaults(session, customer) -> list[str]:
    rows = select(Address.line).where(Address.customer_id == customer.id, Address.is_default)
    return list(session.scalars(rows))


def add(client, customer, **data):
    return client.post("/addresses/add", data={"customer": str(customer.id), **LINE, **data}, headers=HTMX)


def test_the_page_of_the_parent_shows_its_own_children_with_their_acts(login, manager, customer, addresses):
    page = login(manager).get(f"/customers/show/{customer.id}").text

    assert "کوچهٔ 1" in page
    assert "کوچهٔ 2" in page
    assert "نشانی دیگری" not in page
    assert f"/addresses/edit/{addresses[0].id}" in page
    assert f"/addresses/{addresses[1].id}/flag" in page
    assert f"/addresses/{addresses[0].id}/flag" not in page


def test_a_reader_sees_children_without_acts(login, manager, organization, customer, addresses):
    agent = member("SupportAgent", organization)

    page = login(agent).get(f"/customers/show/{customer.id}").text

    assert "کوچهٔ 1" in page
    assert "/addresses/edit/" not in page
    assert "/addresses/add" not in page
    assert login(agent).get(f"/addresses/add?customer={customer.id}").status_code == 403
    assert login(agent).post(f"/addresses/delete/{addresses[0].id}").status_code == 403


def test_a_child_is_added_in_a_dialog_that_names_its_parent(session, login, manager, customer):
    client = login(manager)
    form = client.get(f"/addresses/add?customer={customer.id}", headers=HTMX).text

    answer = add(client, customer)

    assert f'name="customer" value="{customer.id}"' in form
    assert "<html" not in form
    assert answer.status_code == 204
    assert {"toast", "dialog:close", "list:reload"} <= json.loads(answer.headers["HX-Trigger"]).keys()
    fragment = client.get(f"/addresses/of/{customer.id}", headers=HTMX).text
    assert "بلوار چمران" in fragment
    assert "<html" not in fragment


def test_the_first_child_has_the_flag_and_the_next_does_not(session, login, manager, customer):
    client = login(manager)

    add(client, customer)
    add(client, customer, line="دومی")

    assert defaults(session, customer) == [LINE["line"]]


def test_the_form_moves_the_flag(session, login, manager, customer, addresses):
    answer = add(login(manager), customer, line="سومی", is_default="y")

    assert answer.status_code == 204
    assert defaults(session, customer) == ["سومی"]


def test_the_form_of_the_one_with_the_flag_leaves_it(session, login, manager, customer, addresses):
    client = login(manager)
    url = f"/addresses/edit/{addresses[0].id}"

    answer = client.post(url, data={"line": "تازه", "is_default": ""}, headers=HTMX)

    assert answer.status_code == 204
    assert 'name="is_default"' not in client.get(url, headers=HTMX).text
    assert 'name="is_default"' in client.get(f"/addresses/edit/{addresses[1].id}", headers=HTMX).text
    assert defaults(session, customer) == ["تازه"]


def test_the_flag_is_set_and_the_undo_gives_it_back(session, login, manager, customer, addresses):
    client = login(manager)

    answer = client.post(f"/addresses/{addresses[1].id}/flag", headers=HTMX)

    assert defaults(session, customer) == ["کوچهٔ 2"]
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]
    client.post(undo, headers=HTMX)
    assert defaults(session, customer) == ["کوچهٔ 1"]


def test_a_deleted_default_leaves_the_flag_to_the_oldest_and_gets_it_back(
    session, login, manager, customer, addresses
):
    client = login(manager)

    answer = client.post(f"/addresses/delete/{addresses[0].id}", headers=HTMX)

    assert defaults(session, customer) == ["کوچهٔ 2"]
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]
    assert client.post(undo, headers=HTMX).status_code == 204
    assert defaults(session, customer) == ["کوچهٔ 1"]


def test_a_default_from_the_trash_leaves_the_flag_where_it_is(session, login, manager, customer, addresses):
    client = login(manager)
    client.post(f"/addresses/delete/{addresses[0].id}")

    answer = client.post(f"/trash/restore/addresses/{addresses[0].id}")

    assert answer.status_code == 302
    assert defaults(session, customer) == ["کوچهٔ 2"]
    assert len(session.scalars(select(Address).where(Address.customer_id == customer.id)).all()) == 2


def test_the_parent_takes_its_children_to_the_trash_and_back(session, login, manager, customer, addresses):
    client = login(manager)
    client.post(f"/customers/delete/{customer.id}")
    assert defaults(session, customer) == []
    batch = session.scalar(
        select(Customer.delete_batch).where(Customer.id == customer.id),
        execution_options={"with_deleted": True},
    )

    client.post(f"/customers/undo/{batch}")

    assert defaults(session, customer) == ["کوچهٔ 1"]


def test_a_form_that_is_sent_twice_adds_one_row(session, login, manager, customer):
    client = login(manager)

    answers = [add(client, customer, _nonce="once").status_code for _ in range(2)]

    rows = session.scalars(select(Address).where(Address.customer_id == customer.id)).all()
    assert answers == [204, 204]
    assert len(rows) == 1


def test_the_second_editor_gets_both_values(session, login, manager, customer, addresses):
    client, address = login(manager), addresses[1]
    client.post(f"/addresses/edit/{address.id}", data={"line": "نخست", "row_version": "1"}, headers=HTMX)

    answer = client.post(
        f"/addresses/edit/{address.id}", data={"line": "دوم", "row_version": "1"}, headers=HTMX
    )

    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert "نخست" in answer.text
    assert "دوم" in answer.text


def test_a_child_of_a_stranger_is_not_there(session, login, manager, colleague, customer, addresses):
    """The colleague holds the right to children, and sees other customers."""
    FollowUpFactory(consultant_id=colleague.id)
    CustomerFactory(created_by_id=colleague.id)
    client, pk = login(colleague), addresses[0].id

    assert client.get(f"/addresses/of/{customer.id}", headers=HTMX).status_code == 404
    assert client.get(f"/addresses/add?customer={customer.id}").status_code == 404
    assert add(client, customer).status_code == 404
    assert client.get(f"/addresses/edit/{pk}").status_code == 404
    assert client.post(f"/addresses/delete/{pk}").status_code == 404
    assert client.post(f"/addresses/{pk}/flag").status_code == 404
    assert client.get(f"/addresses/show/{pk}").status_code == 404


def test_the_author_of_a_child_loses_it_with_its_parent(session, login, manager, colleague, customer):
    address = Address(customer_id=customer.id, line="نوشتهٔ همکار", created_by_id=colleague.id)
    session.add(address)
    session.flush()

    assert login(colleague).get(f"/addresses/edit/{address.id}").status_code == 404


def test_a_child_of_another_organisation_is_not_there(session, login, manager, stranger_organization):
    person = member("Manager", stranger_organization)
    with acting_as(session, Actor(stranger_organization.id, person.id)):
        address = Address(customer_id=CustomerFactory().id, line="دور")
        session.add(address)
        session.flush()
        pk, customer_id = address.id, address.customer_id
    client = login(manager)

    assert client.get(f"/addresses/edit/{pk}").status_code == 404
    assert client.get(f"/addresses/add?customer={customer_id}").status_code == 404


def test_a_child_of_a_deleted_parent_is_not_there(login, manager, customer, addresses):
    client = login(manager)
    client.post(f"/customers/delete/{customer.id}")

    assert client.get(f"/addresses/edit/{addresses[0].id}").status_code == 404
    assert add(client, customer).status_code == 404


def test_the_trail_of_the_parent_shows_its_children(session, login, manager, customer, addresses):
    client = login(manager)
    add(client, customer, line="افزوده شد")
    client.post(f"/addresses/edit/{addresses[1].id}", data={"line": "عوض شد"})
    client.post(f"/addresses/delete/{addresses[1].id}")

    trail = client.get(f"/customers/trail/{customer.id}").text
    events = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "Address")).all()

    assert trail.count("<article") == 3
    assert "افزوده شد" in trail
    assert "عوض شد" in trail
    assert events == []


def test_rest_lists_the_children_of_a_parent_and_writes_them(session, login, manager, customer, addresses):
    from app.services.account.token import make_token  # noqa: PLC0415
    from models.account import TokenScope  # noqa: PLC0415

    _row, token = make_token(manager, name="t", scope=TokenScope.WRITE, days=1)
    session.commit()
    client = login(manager)
    bearer = {"Authorization": f"Bearer {token}"}
    base = "/api/v1/addresses/"

    listed = client.get(f"{base}?f_customer={customer.id}", headers=bearer).json
    made = client.post(base, json={"customer": customer.id, **LINE, "is_default": True}, headers=bearer)
    wrong = client.post(base, json={"customer": customer.id, "line": "", "postal_code": "12"}, headers=bearer)
    one = f"{base}{made.json['id']}"
    version = {"If-Match": made.headers["ETag"]}
    edited = client.put(one, json={"city": "شیراز"}, headers=bearer | version)
    taken = client.put(one, json={"is_default": False}, headers=bearer | {"If-Match": edited.headers["ETag"]})
    moved = client.put(one, json={"customer": 1}, headers=bearer | {"If-Match": edited.headers["ETag"]})

    assert listed["count"] == 2
    assert made.status_code == 201
    assert defaults(session, customer) == [LINE["line"]]
    assert wrong.status_code == 422
    assert wrong.json["errors"].keys() == {"line", "postal_code"}
    assert edited.json["place"] == "شیراز"
    assert moved.status_code == 422
    assert taken.status_code == 409
    assert taken.json["errors"].keys() == {"is_default"}
    assert client.delete(one, headers=bearer | {"If-Match": edited.headers["ETag"]}).status_code == 204
    assert defaults(session, customer) == ["کوچهٔ 1"]


def test_a_parent_has_a_hundred_children_at_most(session, login, manager, customer):
    session.add_all(Address(customer_id=customer.id, line=str(number)) for number in range(100))
    session.flush()

    answer = add(login(manager), customer)

    assert answer.status_code == 422
    assert "۱۰۰" in answer.text


def test_children_have_no_list_of_their_own(login, manager, customer, addresses):
    client = login(manager)

    assert client.get("/addresses/").status_code == 404
    assert "/addresses/" not in client.get("/account/").text
    page = client.get(f"/addresses/show/{addresses[0].id}")
    assert page.location == f"/customers/show/{customer.id}#addresses"
