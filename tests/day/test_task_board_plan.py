"""The plans of the board with 10,000 cards: each column is one range of an index."""

import re

import pytest
from sqlalchemy import event, text

from app.lib.position import first_keys
from app.services.bulk import insert_all
from models.task import Task, TaskStatus

MANY = 10_000


@pytest.fixture
def many(session, manager, consultant, colleague):
    """Tasks in four columns, every tenth one the consultant's."""
    keys = first_keys(MANY)
    rows = [
        {
            "title": f"کار {number}",
            "status": list(TaskStatus)[number % 4],
            "position": key,
            "owner_id": (consultant if number % 40 < 4 else colleague).id,
        }
        for number, key in enumerate(keys)
    ]
    insert_all(Task, rows)
    session.commit()


@pytest.fixture
def board_statements(session, many):
    """A function: the statements of a page that read cards, with their values."""
    seen = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if "UNION ALL" in statement or ("tasks.position" in statement and "LIMIT" in statement):
            seen.append((statement, parameters))

    def read(client, address):
        seen.clear()
        event.listen(session.get_bind(), "before_cursor_execute", note)
        try:
            assert client.get(address, headers={"HX-Request": "true"}).status_code == 200
        finally:
            event.remove(session.get_bind(), "before_cursor_execute", note)
        return list(seen)

    return read


@pytest.mark.postgresql
@pytest.mark.parametrize("address", ["/tasks/board?tab=all", "/tasks/board/todo?tab=all&after=1.a1"])
def test_each_column_is_a_range_of_an_index(session, login, manager, consultant, board_statements, address):
    connection = session.connection()
    connection.execute(text("ANALYZE tasks"))
    for reader, index in ((manager, "ix_tasks_live_board"), (consultant, "ix_tasks_live_owner_board")):
        [(statement, parameters)] = board_statements(login(reader), address)

        organization = text("SELECT set_config('app.organization_id', :id, true)")
        session.connection().execute(organization, {"id": str(manager.organization_id)})
        plan = "\n".join(
            row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)
        )

        columns = 1 if "/todo" in address else 4
        assert len(re.findall(rf"Index (?:Only )?Scan using {index}", plan)) >= columns, plan


def test_a_board_of_ten_thousand_shows_two_hundred(session, login, manager, many, statements):
    client = login(manager)
    client.get("/tasks/board?tab=all")
    statements.clear()

    page = client.get("/tasks/board?tab=all").text

    assert len(statements) <= 6
    assert page.count('class="board-card"') == 2 * 50 + 2 * 10
    assert page.count("۱٬۰۰۰+") == 2 * 4
    assert "نمایش بیشتر" in page
