"""Two members who move cards of the board at once."""

import json

from models.task import Task
from tests.day.task_board.steps import CANCELLED, DOING, DONE, HTMX, TODO, board, lane, move, toast
from tests.factories import TaskFactory


class TestTwoAtOnce:
    def test_the_second_is_refused_and_the_first_move_stays(self, session, login, manager, consultant, cards):
        version = cards[0].row_version
        assert move(login(consultant), cards[0], DOING, row_version=version).status_code == 204

        answer = move(login(manager), cards[0], CANCELLED, row_version=version)

        assert answer.status_code == 409
        assert "هم‌زمان" in toast(answer)["text"]
        assert json.loads(answer.headers["HX-Trigger"])["list:reload"] is True
        assert lane(board(login(manager)), DOING) == ["یک"]

    def test_an_undo_after_another_move_is_refused(self, session, login, manager, consultant, cards):
        first = move(login(consultant), cards[0], DOING)
        move(login(manager), cards[0], DONE)

        assert login(consultant).post(toast(first)["undo_url"], headers=HTMX).status_code == 409
        assert lane(board(login(consultant)), DONE) == ["یک"]

    def test_two_cards_in_one_gap_have_places_of_their_own(self, session, login, manager, consultant, cards):
        others = [TaskFactory(title=f"نو {n}", owner_id=consultant.id, status=DOING) for n in (1, 2)]
        session.commit()
        for each in others:
            move(login(consultant), each, TODO, above=cards[0].id, below=cards[1].id)

        session.expire_all()
        places = [session.get(Task, row.id).position for row in (*cards, *others)]
        assert len(set(places)) == 5
        assert set(lane(board(login(consultant)), TODO)[1:3]) == {"نو 1", "نو 2"}
