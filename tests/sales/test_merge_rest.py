"""Merges of customers and their undo by REST."""

import pytest
from sqlalchemy import select

from app.lib.clock import now
from models.customer import Customer
from models.customer_merge import CustomerMerge
from models.job import BulkJob, JobStatus
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, OrderFactory, member
from tests.panel.records.bulk_steps import work


@pytest.fixture(autouse=True)
def neighbour(stranger_organization):
    """Another organisation, made first: what was loaded before it is detached."""
    return stranger_organization


@pytest.fixture
def api(call_as, manager):
    return call_as(manager)


@pytest.fixture
def keys(twins):
    return [each.id for each in twins]


def versions(*customers):
    return ",".join(f"{each.id}:{each.row_version}" for each in customers)


def merge(api, *customers, **chosen):
    return api("POST", f"customers/{customers[0].id}/merge", {"versions": versions(*customers), **chosen})


def state(session, keys):
    """The city of the first customer and the survivor of the second one."""
    session.expire_all()
    statement = select(Customer.city, Customer.merged_into_id).where(Customer.id.in_(keys))
    found = session.execute(statement.order_by(Customer.id), execution_options={"with_deleted": True}).all()
    return found[0][0], found[1][1]


class TestMerge:
    def test_answers_with_the_survivor(self, session, api, twins, keys):
        answer = merge(api, *twins, city=keys[1])

        assert answer.status_code == 200, answer.json
        assert (answer.json["id"], answer.json["city"]) == (keys[0], "یزد")
        assert answer.headers["ETag"]
        assert state(session, keys) == ("یزد", keys[0])

    def test_from_the_younger_one_keeps_the_older(self, session, api, twins, keys):
        body = {"versions": versions(*twins)}

        assert api("POST", f"customers/{keys[1]}/merge", body).json["id"] == keys[0]
        assert state(session, keys) == ("قم", keys[0])

    @pytest.mark.parametrize(
        "sent",
        ["", "{0}:1", "{1}:1,{2}:1", "{0}:1,{0}:1", "{0}:1,x", "{0}:1,{1}", "{0}:1,{1}:1,2:1,3:1,4:1,5:1"],
    )
    def test_of_other_than_two_to_five_is_refused_at_the_versions(self, session, api, twins, keys, sent):
        stranger = session.scalar(select(Customer.id).where(Customer.last_name == "مانده"))
        body = {"versions": sent.format(*keys, stranger)}

        answer = api("POST", f"customers/{keys[0]}/merge", body)

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["versions"])
        assert state(session, keys) == ("قم", None)

    def test_without_a_body_is_refused(self, session, api, keys):
        assert api("POST", f"customers/{keys[0]}/merge", {}).json["errors"].keys() == {"versions"}
        assert api("POST", f"customers/{keys[0]}/merge").status_code == 415
        assert state(session, keys) == ("قم", None)

    @pytest.mark.parametrize(
        ("name", "value"), [("city", 999_999), ("city", "قم"), ("mobile", -1), ("note", 5)]
    )
    def test_with_a_value_of_nobody_is_refused_at_the_field(self, session, api, twins, keys, name, value):
        answer = merge(api, *twins, **{name: value})

        assert (answer.status_code, list(answer.json["errors"])) == (422, [name])
        assert state(session, keys) == ("قم", None)

    def test_after_a_change_is_a_conflict(self, session, api, twins, keys):
        body = {"versions": versions(*twins)}
        twins[1].city = "ری"
        session.commit()

        answer = api("POST", f"customers/{keys[0]}/merge", body)

        assert answer.status_code == 409
        assert "تغییر" in answer.json["title"]
        assert state(session, keys) == ("قم", None)

    @pytest.mark.parametrize("named", [0, 1])
    def test_twice_is_a_conflict(self, session, api, twins, keys, named):
        body = {"versions": versions(*twins)}
        first, second = (api("POST", f"customers/{keys[named]}/merge", body) for _twice in range(2))

        assert (first.status_code, second.status_code) == (200, 409)
        assert len(session.scalars(select(CustomerMerge)).all()) == 1

    def test_of_a_deleted_one_is_a_conflict(self, session, api, twins, keys):
        body = {"versions": versions(*twins)}
        twins[1].deleted_at = now()
        session.commit()

        assert api("POST", f"customers/{keys[0]}/merge", body).status_code == 409
        assert state(session, keys) == ("قم", None)

    def test_of_many_rows_is_a_job(self, session, api, twins, keys, organization, monkeypatch):
        monkeypatch.setattr("views.merging.rest.MOST_MOVED", 2)
        for _each in range(3):
            OrderFactory(customer=twins[1])
        session.commit()

        answer = merge(api, *twins, city=keys[1])

        job = session.scalars(select(BulkJob)).one()
        assert (answer.status_code, answer.json) == (202, {"job": job.id})
        assert answer.headers["Location"] == f"/jobs/{job.id}"
        assert state(session, keys) == ("قم", None)
        assert work(session, organization).status is JobStatus.DONE
        assert state(session, keys) == ("یزد", keys[0])


class TestUndo:
    def test_answers_with_the_survivor(self, session, api, twins, keys):
        merge(api, *twins, city=keys[1])

        answer = api("POST", f"customers/{keys[0]}/undo-merge")

        assert (answer.status_code, answer.json["id"], answer.json["city"]) == (200, keys[0], "قم")
        assert state(session, keys) == ("قم", None)

    def test_undoes_the_last_merge_first(self, session, api, twins, keys):
        third = CustomerFactory(city="ری")
        session.commit()
        merge(api, *twins)
        session.refresh(twins[0])
        merge(api, twins[0], third)

        statuses = [api("POST", f"customers/{keys[0]}/undo-merge").status_code for _each in range(3)]

        session.expire_all()
        assert statuses == [200, 200, 409]
        assert third.merged_into_id is None

    def test_without_a_merge_is_a_conflict(self, api, keys):
        assert api("POST", f"customers/{keys[0]}/undo-merge").status_code == 409

    def test_takes_no_value(self, session, api, twins, keys):
        merge(api, *twins)

        answer = api("POST", f"customers/{keys[0]}/undo-merge", {"merge": 1})

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["merge"])
        assert state(session, keys) == ("قم", keys[0])


class TestRights:
    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
    def test_others_may_not(self, session, organization, call_as, twins, keys, role):
        person = member(role, organization)
        twins[0].created_by_id = twins[1].created_by_id = person.id
        session.commit()
        call = call_as(person)

        assert call("GET", f"customers/{keys[0]}").status_code == 200
        assert merge(call, *twins).status_code == 403
        assert call("POST", f"customers/{keys[0]}/undo-merge").status_code == 403
        assert state(session, keys) == ("قم", None)

    def test_of_another_organisation_is_not_found(self, session, call_as, api, twins, stranger_organization):
        mine, strange = twins[0].id, member("Manager", stranger_organization)
        bind(session, Actor(stranger_organization.id))
        theirs = [CustomerFactory().id, CustomerFactory().id]
        session.commit()
        unknown = {"versions": f"{mine}:1,99999999:1"}

        for key in (mine, theirs[0]):
            answer = api("POST", f"customers/{key}/merge", {"versions": f"{key}:1,{theirs[1]}:1"})
            assert answer.status_code == 404
        missing = api("POST", f"customers/{mine}/merge", unknown)
        assert {**missing.json, "request_id": ""} == {**answer.json, "request_id": ""}
        assert call_as(strange)("POST", f"customers/{mine}/undo-merge").status_code == 404

    def test_without_a_token_there_is_none(self, app, keys):
        for name in ("merge", "undo-merge"):
            assert app.test_client().post(f"/api/v1/customers/{keys[0]}/{name}").status_code == 401


def test_the_document_describes_both(app):
    document = app.test_client().get("/api/v1/openapi.json").json
    merge, undo = (document["paths"][f"/customers/{{pk}}/{name}"]["post"] for name in ("merge", "undo-merge"))
    body = merge["requestBody"]["content"]["application/json"]["schema"]

    assert {"200", "202", "401", "403", "404", "409", "422"} <= set(merge["responses"])
    assert body["required"] == ["versions"]
    assert set(body["properties"]) >= {"versions", "mobile", "city", "dossier_id"}
    assert "requestBody" not in undo
