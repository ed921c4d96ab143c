"""Follow-ups: the list, the side panel in which results are recorded, the form and acts on many."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.lib.clock import now
from app.lib.jalali import format_datetime, start_of_day, today
from models.assignment import Assignment
from models.attachment import Attachment
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.result_title import ResultKind, ResultTitle
from models.tenancy.scope import Actor, acting_as
from tests.factories import FollowUpFactory, ResultTitleFactory, member

pytestmark = pytest.mark.usefixtures("colleagues_rows")

PDF = b"%PDF-1.4 a small one"


@pytest.fixture
def follow_up(consultant):
    return FollowUpFactory(consultant_id=consultant.id, order__product__title="دوره زبان")


def title(kind, **demands):
    return ResultTitleFactory(kind=kind, **demands)


class TestList:
    def test_tabs_divide_the_day(self, session, login, consultant, follow_up):
        due = FollowUpFactory(
            consultant_id=consultant.id, next_at=now() - timedelta(hours=1), last_entry_at=now()
        )
        tomorrow = start_of_day(today() + timedelta(days=1))
        future = FollowUpFactory(consultant_id=consultant.id, next_at=tomorrow, last_entry_at=now())
        client = login(consultant)

        shown = {tab: client.get(f"/follow-ups/?tab={tab}").text for tab in ("due", "new", "future", "all")}

        assert [f'data-pk="{due.id}"' in shown[tab] for tab in shown] == [True, False, False, True]
        assert [f'data-pk="{follow_up.id}"' in shown[tab] for tab in shown] == [False, True, False, True]
        assert [f'data-pk="{future.id}"' in shown[tab] for tab in shown] == [False, False, True, True]

    def test_a_colleagues_follow_up_is_in_no_answer(self, login, colleague, follow_up):
        client = login(colleague)

        assert f'data-pk="{follow_up.id}"' not in client.get("/follow-ups/?tab=all").text
        for path in ("show/{}", "edit/{}", "{}/panel"):
            assert client.get("/follow-ups/" + path.format(follow_up.id)).status_code == 404
        assert client.post(f"/follow-ups/{follow_up.id}/result", data={}).status_code == 404
        assert client.post(f"/follow-ups/delete/{follow_up.id}").status_code == 404

    def test_a_manager_sees_everybodys(self, login, manager, follow_up):
        assert f'data-pk="{follow_up.id}"' in login(manager).get("/follow-ups/?tab=all").text

    def test_a_support_agent_has_no_business_here(self, login, organization, follow_up):
        agent = member("SupportAgent", organization)

        assert login(agent).get("/follow-ups/").status_code == 403

    @pytest.mark.parametrize("words", ["علیرضایی", "علي رضا‌ئی", "۰۹۱۲ ۷۷۷", "+98912777"])
    def test_search_forgives_spelling(self, login, consultant, words):
        found = FollowUpFactory(
            consultant_id=consultant.id,
            order__customer__first_name="علی",
            order__customer__last_name="رضایی",
            order__customer__mobile="09127771234",
        )

        page = login(consultant).get("/follow-ups/", query_string={"tab": "all", "q": words}).text

        assert f'data-pk="{found.id}"' in page


class TestPanel:
    def test_recording_needs_no_page(self, session, login, consultant, follow_up):
        callback = title(ResultKind.CALLBACK)
        when = now() + timedelta(days=1)
        data = {"result_title": callback.id, "note": "بعداً", "next_at": format_datetime(when)}

        answer = login(consultant).post(
            f"/follow-ups/{follow_up.id}/result", data=data, headers={"HX-Request": "true"}
        )

        assert answer.status_code == 204
        assert "result:saved" in answer.headers["HX-Trigger"]
        session.refresh(follow_up)
        assert follow_up.status is FollowUpStatus.WAITING

    def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(self, login, consultant, follow_up):
        strict = title(ResultKind.OPEN, requires_next=True)

        answer = login(consultant).post(
            f"/follow-ups/{follow_up.id}/result", data={"result_title": strict.id, "note": "گفت فردا"}
        )

        assert answer.status_code == 422
        assert 'id="next_at-error"' in answer.text
        assert "گفت فردا" in answer.text

    def test_files_come_back_to_their_reader_alone(self, session, login, consultant, colleague, follow_up):
        data = {
            "result_title": title(ResultKind.OPEN).id,
            "files": [(io.BytesIO(PDF), "فاکتور نهایی.pdf"), (io.BytesIO(PDF), "دوم.pdf")],
        }
        login(consultant).post(f"/follow-ups/{follow_up.id}/result", data=data)
        kept = session.scalars(select(Attachment).order_by(Attachment.id)).all()
        url = f"/follow-ups/{follow_up.id}/files/{kept[0].uuid}"

        answer = login(consultant).get(url)

        assert [file.original_name for file in kept] == ["فاکتور نهایی.pdf", "دوم.pdf"]
        assert answer.data == PDF
        answer.close()
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert login(colleague).get(url).status_code == 404

    @pytest.mark.parametrize(
        ("name", "content"),
        [("a.html", b"<script>"), ("a.pdf", b"MZ\x90\x00"), ("a.svg", b"<svg/>"), ("a", b"")],
    )
    def test_files_of_other_kinds_are_refused(self, session, login, consultant, follow_up, name, content):
        data = {"result_title": title(ResultKind.OPEN).id, "files": [(io.BytesIO(content), name)]}

        answer = login(consultant).post(f"/follow-ups/{follow_up.id}/result", data=data)

        assert answer.status_code == 422
        assert session.scalar(select(func.count()).select_from(FollowUpEntry)) == 0

    def test_another_organisations_title_cannot_be_recorded(
        self, session, login, consultant, follow_up, stranger_organization
    ):
        with acting_as(session, Actor(stranger_organization.id)):
            foreign = ResultTitleFactory().id

        answer = login(consultant).post(f"/follow-ups/{follow_up.id}/result", data={"result_title": foreign})

        assert answer.status_code == 422

    def test_support_titles_are_not_offered(self, session, login, consultant, follow_up):
        answer = login(consultant).get(f"/follow-ups/{follow_up.id}/panel").text
        ids = {
            scope: session.scalars(select(ResultTitle.id).where(ResultTitle.scope == scope)).all()
            for scope in ("support", "follow_up")
        }

        offered = {int(key) for key in re.findall(r'name="result_title"[^>]* value="(\d+)"', answer)}
        assert offered
        assert offered <= set(ids["follow_up"]) - set(ids["support"])


class TestEditing:
    def test_a_forged_post_changes_neither_mobile_nor_owner(
        self, session, login, consultant, colleague, follow_up
    ):
        mobile = follow_up.customer.mobile
        when = now() + timedelta(days=2)
        forged = {
            "next_at": format_datetime(when),
            "mobile": "09999999999",
            "customer-mobile": "09999999999",
            "consultant_id": colleague.id,
            "organization_id": 999,
        }

        login(consultant).post(f"/follow-ups/edit/{follow_up.id}", data=forged)

        session.refresh(follow_up)
        assert session.get(Customer, follow_up.customer_id).mobile == mobile
        assert follow_up.consultant_id == consultant.id
        assert follow_up.next_at is not None

    def test_the_locked_mobile_is_shown(self, login, consultant):
        follow_up = FollowUpFactory(consultant_id=consultant.id, order__customer__mobile="09121112233")

        assert "۰۹۱۲ ۱۱۱ ۲۲۳۳" in login(consultant).get(f"/follow-ups/edit/{follow_up.id}").text


class TestBulk:
    def test_deletion_asks_by_number_and_can_be_taken_back(self, session, login, consultant):
        rows = FollowUpFactory.create_batch(3, consultant_id=consultant.id)
        client, keys = login(consultant), [row.id for row in rows]
        data = {"action": "remove", "rowid": keys}

        asked = client.post("/follow-ups/action_post", data=data, headers={"HX-Request": "true"})
        done = client.post(
            "/follow-ups/action_post", data=data | {"_step": "run"}, headers={"HX-Request": "true"}
        )
        gone = session.scalars(select(FollowUp.id).where(FollowUp.id.in_(keys))).all()
        undo = done.headers["HX-Trigger"].split('"undo_url": "')[1].split('"')[0]
        client.post(undo)

        assert "3" in asked.text or "۳" in asked.text
        assert gone == []
        assert len(session.scalars(select(FollowUp.id).where(FollowUp.id.in_(keys))).all()) == 3

    def test_one_foreign_row_refuses_the_batch(self, session, login, consultant, colleague):
        mine = FollowUpFactory(consultant_id=consultant.id)
        theirs = FollowUpFactory(consultant_id=colleague.id)
        data = {"action": "remove", "rowid": [mine.id, theirs.id], "_step": "run"}

        assert login(consultant).post("/follow-ups/action_post", data=data).status_code == 404
        assert session.get(FollowUp, mine.id).deleted_at is None

    def test_a_colleague_cannot_take_my_deletion_back(self, session, login, consultant, colleague):
        row = FollowUpFactory(consultant_id=consultant.id)
        data = {"action": "remove", "rowid": [row.id], "_step": "run"}
        done = login(consultant).post("/follow-ups/action_post", data=data, headers={"HX-Request": "true"})
        undo = done.headers["HX-Trigger"].split('"undo_url": "')[1].split('"')[0]

        login(colleague).post(undo)

        assert session.scalars(select(FollowUp.id).where(FollowUp.id == row.id)).all() == []

    def test_a_manager_reassigns_and_the_ledger_remembers(
        self, session, login, manager, consultant, colleague
    ):
        row = FollowUpFactory(consultant_id=consultant.id)
        data = {"action": "reassign", "rowid": [row.id], "_step": "run", "member": colleague.id}

        login(manager).post("/follow-ups/action_post", data=data)

        session.refresh(row)
        assert row.consultant_id == colleague.id
        assert session.scalars(select(Assignment.to_member_id)).all() == [colleague.id]

    def test_a_consultant_may_not_reassign(self, login, consultant, follow_up):
        data = {"action": "reassign", "rowid": [follow_up.id]}

        assert login(consultant).post("/follow-ups/action_post", data=data).status_code == 403
