"""The board of tasks: its columns, the moves of cards, and two members who move at once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.jalali import today
from app.lib.position import first_keys, key_between
from models.audit.event import AuditEvent
from models.task import Task, TaskStatus
from tests.day.task_board.steps import CANCELLED, DOING, DONE, HTMX, TODO, board, lane, move, toast
from tests.factories import FollowUpFactory, TaskFactory, member


class TestThePage:
    def test_each_status_is_a_column_with_its_count(self, session, login, manager, consultant, cards):
        TaskFactory(title="چهار", owner_id=consultant.id, status=DONE)
        session.commit()

        page = board(login(consultant))

        assert [lane(page, each) for each in TaskStatus] == [["یک", "دو", "سه"], [], ["چهار"], []]
        heads = re.findall(r"<h2 id=\"lane-head.*?</h2>", page, re.DOTALL)
        assert [re.search(r'class="count">([^<]*)<', head)[1] for head in heads] == ["۳", "۰", "۱", "۰"]

    def test_a_card_has_what_is_to_know(self, session, login, manager, consultant):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        number = "0" + follow_up.customer.mobile.removeprefix("+98")
        TaskFactory(
            title=number, owner_id=consultant.id, follow_up=follow_up, due_on=today() - timedelta(days=2)
        )
        session.commit()

        page = board(login(consultant))

        assert "<bdi class=ltr>۰۹" in page.split('id="lane-todo"')[1]
        assert f'href="/customers/show/{follow_up.customer_id}"' in page
        assert "۲ روز عقب‌افتاده" in page
        assert 'data-tick-to="doing"' in page

    def test_a_finished_card_is_not_late(self, session, login, manager, consultant):
        TaskFactory(owner_id=consultant.id, due_on=today() - timedelta(days=2), status=CANCELLED)
        session.commit()

        assert "is-late" not in board(login(consultant)).split('id="list"')[1]

    def test_columns_show_fifty_and_what_is_over_ten(self, session, login, manager, consultant):
        for status, count in ((TODO, 53), (DONE, 13)):
            for number, key in enumerate(first_keys(count)):
                TaskFactory(
                    title=f"{status.value} {number:02}", owner_id=consultant.id, status=status, position=key
                )
        session.commit()
        client = login(consultant)

        page = board(client)

        assert lane(page, TODO) == [f"todo {number:02}" for number in range(50)]
        assert lane(page, DONE) == [f"done {number:02}" for number in range(10)]
        assert "۳ مورد دیگر" in page
        [further] = re.findall(r'data-more="([^"]*todo[^"]*)" data-scrolls', page)
        more = client.get(further.replace("&amp;", "&"), headers=HTMX).text
        assert re.findall(r"todo \d\d", re.sub(r"<a class=\"lane.*", "", more)) == [
            "todo 50",
            "todo 51",
            "todo 52",
        ]
        assert "lane-more" not in more
        again = board(client, "tab=all&shown_todo=53")
        assert len(lane(again, TODO)) == 53
        assert len(lane(again, DONE)) == 10

    @pytest.mark.parametrize(
        "query", ["tab=no", "after=x", "shown_todo=-5", "shown_todo=99999999999", "q=%00", "f_status=no"]
    )
    def test_bad_arguments_are_no_error(self, login, consultant, cards, query):
        assert login(consultant).get(f"/tasks/board?{query}").status_code == 200
        assert login(consultant).get(f"/tasks/board/todo?{query}").status_code == 200

    def test_there_is_no_other_column(self, login, consultant):
        assert login(consultant).get("/tasks/board/later").status_code == 404

    def test_filters_and_search_lead_back_to_the_board(self, login, consultant, cards):
        client = login(consultant)

        page = board(client, "tab=all&q=دو")
        assert lane(page, TODO) == ["دو"]
        menu = client.get("/tasks/filters?tab=all&on_board=1&field=status", headers=HTMX).text
        assert 'action="/tasks/board"' in menu
        assert 'action="/tasks/"' in client.get("/tasks/filters?tab=all&field=status", headers=HTMX).text

    def test_the_first_paint_takes_six_statements(self, session, login, statements, manager, consultant):
        rows = [
            {"title": f"{number}", "status": status, "position": key, "owner_id": consultant.id}
            for status in TaskStatus
            for number, key in enumerate(first_keys(60))
        ]
        for row in rows:
            TaskFactory(**row)
        session.commit()
        clients = [login(consultant), login(manager)]
        for client in clients:
            board(client)
            statements.clear()
            board(client)
            assert len(statements) <= 6, statements


class TestMoves:
    def test_the_tick_leads_to_the_beginning_of_the_next_column(
        self, session, login, manager, consultant, cards
    ):
        TaskFactory(title="پیش", owner_id=consultant.id, status=DOING)
        session.commit()
        client = login(consultant)

        answer = move(client, cards[1], DOING, row_version=cards[1].row_version)

        assert answer.status_code == 204
        page = board(client)
        assert lane(page, TODO) == ["یک", "سه"]
        assert lane(page, DOING) == ["دو", "پیش"]

    def test_done_has_its_time_once_and_undo_takes_it_back(self, session, login, manager, consultant, cards):
        client = login(consultant)
        first = move(client, cards[0], DONE, row_version=cards[0].row_version)
        session.expire_all()
        done_at = session.get(Task, cards[0].id).done_at

        assert move(client, cards[0], DONE).status_code == 204
        session.expire_all()
        assert session.get(Task, cards[0].id).done_at == done_at is not None

        undone = client.post(toast(first)["undo_url"], headers=HTMX)
        assert undone.status_code == 204
        assert toast(undone)["undo_url"] is None
        assert lane(board(client), TODO) == ["یک", "دو", "سه"]
        assert session.get(Task, cards[0].id, populate_existing=True).done_at is None

    def test_a_card_is_placed_between_its_neighbours_and_writes_one_row(
        self, session, login, manager, consultant, cards
    ):
        before = {row.id: row.position for row in cards}

        move(login(consultant), cards[2], TODO, above=cards[0].id, below=cards[1].id)

        assert lane(board(login(consultant)), TODO) == ["یک", "سه", "دو"]
        session.expire_all()
        assert {key for key, place in before.items() if session.get(Task, key).position != place} == {
            cards[2].id
        }

    def test_to_the_ends(self, login, consultant, cards):
        client = login(consultant)

        move(client, cards[2], TODO, below=cards[0].id)
        assert lane(board(client), TODO) == ["سه", "یک", "دو"]
        move(client, cards[2], TODO, above=cards[1].id)
        assert lane(board(client), TODO) == ["یک", "دو", "سه"]

    def test_the_card_comes_where_a_neighbour_has_left(self, session, login, manager, consultant, cards):
        client = login(consultant)
        move(client, cards[0], DONE)
        moved = TaskFactory(title="چهار", owner_id=consultant.id, status=DOING)
        session.commit()

        # The board still showed «یک» above and «دو» below.
        move(client, moved, TODO, above=cards[0].id, below=cards[1].id)

        assert lane(board(client), TODO) == ["چهار", "دو", "سه"]

    def test_neighbours_that_changed_places_are_no_error(self, session, login, manager, consultant, cards):
        client = login(consultant)
        moved = TaskFactory(title="چهار", owner_id=consultant.id, status=DOING)
        session.commit()

        move(client, moved, TODO, above=cards[2].id, below=cards[0].id)

        assert lane(board(client), TODO) == ["یک", "دو", "سه", "چهار"]

    def test_a_row_in_the_form_comes_first_in_its_new_column(
        self, session, login, manager, consultant, cards
    ):
        client = login(consultant)
        TaskFactory(title="پیش", owner_id=consultant.id, status=DONE)
        session.commit()
        data = {"title": "دو", "status": "done", "row_version": cards[1].row_version}

        assert client.post(f"/tasks/edit/{cards[1].id}", data=data).status_code == 302

        assert lane(board(client), DONE) == ["دو", "پیش"]

    def test_a_move_has_one_event(self, session, login, consultant, cards):
        move(login(consultant), cards[0], DONE)

        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "edit")).all()
        assert [(each.object_id, each.after["status"]) for each in events] == [(cards[0].id, "done")]

    @pytest.mark.parametrize(
        "sent",
        [
            {"above": "x", "below": "0"},
            {"above": "9" * 30},
            {"at": "not a key"},
            {"at": "a" * 5000},
            {"row_version": "x"},
            {"above": "-1"},
        ],
    )
    def test_unreadable_values_are_no_error(self, login, consultant, cards, sent):
        assert move(login(consultant), cards[1], DOING, **sent).status_code in {204, 409}

    def test_an_unknown_column_is_refused_in_words(self, session, login, consultant, cards):
        client = login(consultant)
        answer = client.post(f"/tasks/{cards[0].id}/move", data={"to": "later"}, headers=HTMX)

        assert answer.status_code == 422
        assert toast(answer)["text"] == "یکی از فهرست را انتخاب کنید."
        assert lane(board(client), TODO) == ["یک", "دو", "سه"]

    def test_neighbours_of_others_do_not_count(self, session, login, manager, consultant, colleague, cards):
        other = TaskFactory(owner_id=colleague.id, position=key_between(cards[2].position, None))
        session.commit()

        move(login(consultant), cards[0], TODO, above=other.id)

        assert lane(board(login(consultant)), TODO) == ["یک", "دو", "سه"]

    def test_a_card_of_another_member_is_not_moved(
        self, session, login, manager, consultant, colleague, cards
    ):
        assert move(login(colleague), cards[0], DONE).status_code == 404
        assert move(login(member("SupportAgent", manager.organization)), cards[0], DONE).status_code == 404
        assert move(login(manager), cards[0], DONE).status_code == 204

    def test_a_deleted_card_is_not_moved(self, session, login, consultant, cards):
        client = login(consultant)
        assert client.post(f"/tasks/delete/{cards[0].id}").status_code == 302

        assert move(client, cards[0], DONE).status_code == 404

    def test_without_scripts_the_board_follows(self, login, consultant, cards):
        client = login(consultant)
        answer = client.post(f"/tasks/{cards[0].id}/move", data={"to": "doing"})

        assert (answer.status_code, answer.headers["Location"]) == (302, "/tasks/board")
