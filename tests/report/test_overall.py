"""«گزارش کل»: who may open it, its address, and its file."""

import pytest

from app.services.assignment.reassign import reassign
from app.tasks.export import run_export
from models.job import ExportJob
from tests.factories import member
from tests.report.overall_steps import PAGE, RANGE, links_of, rows_at
from tests.support.pages import untouched

pytestmark = pytest.mark.usefixtures("colleagues_rows")


class TestPage:
    def test_a_manager_reads_the_organisation(self, login, manager, work):
        text = login(manager).get(f"{PAGE}?{RANGE}").text
        assert "از ۲۴ شماره با ۲۰ شماره تماس گرفته شد" in text
        for title in (
            "وضعیت شماره‌های انتساب‌یافته",
            "وضعیت پیگیری‌های باز",
            "چند تماس تا نتیجه",
            "زمان تا نخستین تماس",
            "نتیجه × مشاور",
            "تبدیل بر پایهٔ هفتهٔ انتساب",
            "تماس‌ها بر پایهٔ ساعت",
        ):
            assert f"<h2>{title}</h2>" in text
        assert "style=" not in text

    def test_the_past_stays_after_a_reassignment(self, session, login, manager, colleague, work):
        before = links_of(login(manager).get(f"{PAGE}?{RANGE}").text)
        for row in work:
            if row.consultant_id != colleague.id:
                reassign(row, colleague, by=manager)
        session.commit()
        assert links_of(login(manager).get(f"{PAGE}?{RANGE}").text) == before

    def test_a_title_that_was_given_to_support_since_still_names_its_results(
        self, session, login, manager, consultant, work
    ):
        client = login(manager)
        before = links_of(client.get(f"{PAGE}?{RANGE}").text)
        title = next(
            each.last_result for each in work if each.last_result and not each.last_result.kind.closes
        )
        key, words = title.id, title.title
        form = untouched(client.get(f"/result-titles/edit/{key}").text) | {"title": words, "scope": "support"}
        assert client.post(f"/result-titles/edit/{key}", data=form).status_code == 302

        for person in (manager, consultant):
            answer = login(person).get(f"{PAGE}?{RANGE}")
            assert (answer.status_code, words in answer.text) == (200, True)
            assert login(person).get(f"{PAGE}rows?{RANGE}&cell=hour-every").status_code == 200
        assert sorted(links_of(login(manager).get(f"{PAGE}?{RANGE}").text)) == sorted(before)

    def test_an_empty_range_says_so(self, login, consultant, work):
        answer = login(consultant).get(f"{PAGE}?from=1390/01/01&to=1390/01/05")
        assert answer.status_code == 200
        assert "در این بازه شماره‌ای انتساب نشده است." in answer.text
        assert "report-part" not in answer.text.partition("<main")[2].replace("report-parts", "")
        assert not links_of(answer.text)

    @pytest.mark.parametrize("role", ["SupportAgent", "Operator"])
    def test_others_may_not(self, login, organization, work, role):
        client = login(member(role, None if role == "Operator" else organization))
        assert client.get(PAGE).status_code == 403
        assert client.get(f"{PAGE}rows?{RANGE}&cell=").status_code == 403
        assert client.post(f"{PAGE}export", data={"_query": RANGE}).status_code == 403

    def test_a_stranger_reads_nothing_of_it(self, login, stranger_organization, work):
        client = login(member("Manager", stranger_organization))
        assert "در این بازه شماره‌ای انتساب نشده است." in client.get(f"{PAGE}?{RANGE}").text
        assert rows_at(client, f"{PAGE}rows?{RANGE}&cell=") == (0, [])
        assert rows_at(client, f"{PAGE}rows?{RANGE}&cell=hour-every") == (0, [])
        assert rows_at(client, f"{PAGE}rows?{RANGE}&cell=sms-every") == (0, [])

    def test_twelve_months_are_allowed_and_a_day_more_is_not(self, login, manager, work):
        client = login(manager)
        assert client.get(f"{PAGE}?from=1403/01/01&to=1403/12/30").status_code == 200
        refused = client.get(f"{PAGE}?from=1403/01/01&to=1404/01/01")
        assert refused.status_code == 422
        assert "بازه حداکثر دوازده ماه است؛ آخرین روز ممکن ۳۰ اسفند ۱۴۰۳ است." in refused.text

    def test_names_are_escaped(self, session, login, manager, consultant, work):
        consultant.last_name = "<script>alert(1)</script>"
        session.commit()
        client = login(manager)
        assert "<script>alert" not in client.get(f"{PAGE}?{RANGE}").text
        assert "<script>alert" not in client.get(f"{PAGE}rows?{RANGE}&cell=").text


class TestExport:
    def test_a_manager_gets_the_table_as_a_file(self, session, login, manager, work):
        client = login(manager)
        client.post(f"{PAGE}export", data={"_query": RANGE, "format": "csv", "_step": "run"})
        job = session.query(ExportJob).one()
        key, organization_id = job.id, job.organization_id
        session.commit()
        run_export(key, organization_id)
        file = client.get(f"/exports/{key}/file")
        lines = [line.split(",") for line in file.get_data().decode("utf-8-sig").splitlines()]
        file.close()
        assert [line[0] for line in lines[1:]] == ["زهرا کریمی", "امیر حسینی", "جمع"]
        assert lines[-1][1] == "24"

    def test_a_consultant_may_not(self, login, consultant, work):
        assert login(consultant).post(f"{PAGE}export", data={"_query": RANGE}).status_code == 403


def test_the_page_needs_few_statements_whatever_the_rows(login, manager, work, statements):
    client = login(manager)
    client.get(PAGE)
    counts = []
    for query in (RANGE, "from=1404/02/15&to=1404/02/15"):
        statements.clear()
        client.get(f"{PAGE}?{query}")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12
