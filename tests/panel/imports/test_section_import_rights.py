"""E11: an import belongs to who asked for it, runs with the rights they have, and survives a killed worker."""

import pytest

from app.extensions import appbuilder
from app.panel.access import Access
from app.panel.check.attributes import problems_of_attributes
from app.panel.check.rights import problems_of_rights
from app.panel.imports import run
from app.panel.imports.row import RowWriter
from app.services.job import lease
from app.tasks.section_imports import run_section_import, sweep
from models.customer import Customer
from models.job import ImportedRow, ImportJob, ImportStatus, JobStatus
from models.organization import OrganizationStatus
from models.product import Product
from models.sale import Sale
from models.sms.quota import SmsQuota
from tests.factories import CustomerFactory, member
from tests.panel.forms.test_owner_fields import section_of
from tests.panel.imports.steps import PRODUCTS, map_columns, start, stored, upload, work
from views.organization.product import Products
from views.sales.customer import Customers

ADDRESSES = [
    ("GET", ""),
    ("POST", "/columns"),
    ("POST", "/reading"),
    ("GET", "/preview"),
    ("POST", "/run"),
    ("GET", "/progress"),
    ("POST", "/stop"),
    ("GET", "/rejected"),
    ("POST", "/undo"),
]


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(run_section_import, "delay", lambda *ids: found.append(ids))
    return found


def codes(session, organization):
    return {row.code for row in stored(session, organization, Product) if row.code.startswith("B-")}


class TestE11Right:
    @pytest.mark.parametrize("slug", ["products", "customers"])
    def test_is_one_of_its_own(self, app, login, manager, consultant, slug):
        answers = [
            client.get(f"/{slug}/import").status_code for client in (login(manager), login(consultant))
        ]

        assert answers == [200, 403]
        assert app.test_client().get(f"/{slug}/import").status_code == 302
        assert f"/{slug}/import" in login(manager).get(f"/{slug}/").text
        assert f"/{slug}/import" not in login(consultant).get(f"/{slug}/").text

    @pytest.mark.parametrize("slug", ["orders", "result-titles", "follow-ups"])
    def test_is_of_sections_that_say_so(self, login, manager, slug):
        assert login(manager).get(f"/{slug}/import").status_code == 404

    @pytest.mark.parametrize(("method", "path"), ADDRESSES)
    def test_reaches_nobody_elses_import(
        self, session, login, manager, organization, stranger_organization, method, path
    ):
        url = upload(login(manager), PRODUCTS).location
        others = [member("Manager", organization, "second"), member("Manager", stranger_organization)]
        session.commit()
        wrong = url.replace("/products/", "/customers/")

        found = {login(person).open(f"{url}{path}", method=method).status_code for person in others}
        assert found == {404}
        assert login(manager).open(f"{wrong}{path}", method=method).status_code == 404

    def test_leaves_the_imports_of_orders_where_they_are(self, session, login, manager, organization):
        _url, key = start(login(manager), PRODUCTS)

        assert login(manager).get(f"/imports/show/{key}").status_code == 404
        assert "rows.csv" not in login(manager).get("/imports/").text
        assert "rows.csv" in login(manager).get("/products/import").text
        assert "rows.csv" not in login(manager).get("/customers/import").text


class TestE11Stop:
    @pytest.mark.parametrize("lost", ["right", "member", "organization"])
    def test_comes_with_a_sentence_when_the_right_or_the_place_is_lost(
        self, session, login, manager, organization, lost
    ):
        client = login(manager)
        _url, key = start(client, PRODUCTS)
        if lost == "right":
            role = appbuilder.sm.find_role("Manager")
            pair = appbuilder.sm.find_permission_view_menu("can_import", "Products")
            role.permissions = [each for each in role.permissions if each != pair]
        elif lost == "member":
            manager.active = False
        else:
            organization.status = OrganizationStatus.SUSPENDED
        job = work(session, organization, key)

        assert job.status is ImportStatus.FAILED
        assert job.error
        assert codes(session, organization) == set()

    def test_comes_between_two_chunks(self, session, login, manager, organization, monkeypatch):
        monkeypatch.setattr(run, "CHUNK", 1)
        _url, key = start(login(manager), PRODUCTS)
        write = run._write

        def then_lose(section, job, rows, table):
            write(section, job, rows, table)
            role = appbuilder.sm.find_role("Manager")
            pair = appbuilder.sm.find_permission_view_menu("can_import", "Products")
            role.permissions = [each for each in role.permissions if each != pair]

        monkeypatch.setattr(run, "_write", then_lose)
        job = work(session, organization, key)

        assert (job.status, job.accepted) == (ImportStatus.FAILED, 1)
        assert codes(session, organization) == {"B-1"}


class TestE11Crash:
    @pytest.mark.parametrize("rows_before", [1, 2])
    def test_leaves_each_row_once(self, session, login, manager, organization, monkeypatch, rows_before):
        """A worker that dies in the middle of a chunk, before its commit."""
        monkeypatch.setattr(run, "CHUNK", 2)
        _url, key = start(login(manager), PRODUCTS + "دفتر,B-3,1\nتقویم,B-4,1\nقلم,B-5,1\n")
        note, noted = RowWriter.note, []

        def die(self, number, written):
            if len(noted) == rows_before:
                raise KeyboardInterrupt
            noted.append(number)
            note(self, number, written)

        monkeypatch.setattr(RowWriter, "note", die)
        with pytest.raises(KeyboardInterrupt):
            work(session, organization, key)
        monkeypatch.setattr(RowWriter, "note", note)
        session.rollback()
        session.expunge_all()
        session.add(organization)
        monkeypatch.setattr(lease, "_is_free", lambda model, _moment: model.id == key)
        job = work(session, organization, key)

        rows = [row.code for row in stored(session, organization, Product) if row.code.startswith("B-")]
        assert sorted(rows) == ["B-1", "B-2", "B-3", "B-4", "B-5"]
        assert (job.status, job.accepted, job.rejected) == (ImportStatus.DONE, 5, 0)
        assert len(stored(session, organization, ImportedRow)) == 5

    def test_is_found_by_the_sweep(self, session, login, manager, organization, sent):
        _url, key = start(login(manager), PRODUCTS)
        sent.clear()
        owner = organization.id
        session.commit()
        sweep()

        assert sent == [(key, owner)]

    def test_of_an_orders_file_is_not_for_this_worker(self, session, login, manager, organization):
        _url, key = start(login(manager), PRODUCTS)
        session.get_one(ImportJob, key).section = "orders"
        job = work(session, organization, key)

        assert job.status is ImportStatus.QUEUED
        assert codes(session, organization) == set()


class TestE11OwnRows:
    """A member who sees only their own rows."""

    @pytest.fixture
    def importer(self, session, manager, consultant):
        role = appbuilder.sm.find_role("Consultant")
        pair = appbuilder.sm.add_permission_view_menu("can_import", "Customers")
        role.permissions = [*role.permissions, pair]
        session.commit()
        return consultant

    def test_adds_rows_of_their_own_and_changes_nobody_elses(self, session, login, importer, organization):
        foreign = CustomerFactory(mobile="09121111111", city="تهران")
        session.commit()
        data = "موبایل,شهر\n09121111111,شیراز\n09122222222,یزد\n"
        _url, key = start(login(importer), data, slug="customers")
        person = importer.id
        job = work(session, organization, key)

        rows = {row.mobile: row for row in stored(session, organization, Customer)}
        assert (job.accepted, job.changed, job.rejected) == (1, 0, 1)
        assert rows[foreign.mobile].city == "تهران"
        assert rows["+989122222222"].created_by_id == person

    def test_add_nothing_without_the_right_to_add(self, session, login, importer, organization):
        role = appbuilder.sm.find_role("Consultant")
        pair = appbuilder.sm.find_permission_view_menu("can_add", "Customers")
        role.permissions = [each for each in role.permissions if each != pair]
        session.commit()
        client = login(importer)
        url, key = start(client, "موبایل,شهر\n09122222222,یزد\n", slug="customers")
        job = work(session, organization, key)

        assert (job.accepted, job.rejected) == (0, 1)
        assert "اجازهٔ افزودن" in client.get(url).text


class TestE11Start:
    QUIET = {"inline": (), "bulk_edit": (), "owner_right": "edit"}

    def problems(self, **words):
        return list(problems_of_attributes(section_of(**self.QUIET, **words)))

    @pytest.mark.parametrize("section", [Products, Customers])
    def test_takes_the_declared_sections(self, app, section):
        view = next(view for view in appbuilder.baseviews if type(view) is section)

        assert list(problems_of_attributes(view)) == []

    def test_refuses_a_model_without_a_trash(self, app):
        [problem] = self.problems(model=SmsQuota, form=(), importable=True, rest=False)

        assert (problem.word, problem.name) == ("importable", "SmsQuota")
        assert "no trash" in problem.reason

    @pytest.mark.parametrize("key", ["ammount", "customer", "reference"])
    def test_refuses_a_key_that_is_no_column_of_the_form(self, app, key):
        [problem] = self.problems(model=Sale, importable=True, import_key=key)

        assert (problem.word, problem.name) == ("import_key", key)
        assert problem.nearest in {"amount", "sold_at"}

    def test_refuses_a_key_without_an_import(self, app):
        [problem] = self.problems(model=Product, form=("code",), import_key="code")

        assert (problem.word, problem.name) == ("import_key", "code")
        assert "importable = True" in problem.reason

    def test_refuses_the_right_where_no_file_can_come(self, app):
        roles = {"Manager": Access.FULL | Access.IMPORT}

        [problem] = problems_of_rights(section_of(**self.QUIET, roles=roles))
        assert problem.name == "import"
        assert list(problems_of_rights(section_of(**self.QUIET, roles=roles, importable=True))) == []


def test_e11_a_file_that_holds_no_table_is_refused_at_its_field(session, login, manager, organization):
    client = login(manager)
    answers = [
        upload(client, "", name="a.csv"),
        upload(client, b"MZ", name="a.exe"),
        upload(client, "عنوان,کد\n"),
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert all('id="file-error"' in answer.text for answer in answers)
    assert stored(session, organization, ImportJob) == []


def test_e11_the_first_page_says_that_there_is_nothing_yet(login, manager):
    assert "هنوز فایلی در اینجا وارد نکرده‌اید" in login(manager).get("/products/import").text


def test_e11_what_was_started_is_not_mapped_again(session, login, manager, organization):
    client = login(manager)
    url, key = start(client, PRODUCTS)
    map_columns(client, url, **{"column-0": "code"})

    assert session.get_one(ImportJob, key).mapping == {"title": 0, "code": 1, "price": 2}
    assert client.get(f"{url}/preview").location == url
    assert JobStatus.QUEUED.value == session.get_one(ImportJob, key).status.value
