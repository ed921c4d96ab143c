"""What the tests of filters share."""

import re

from sqlalchemy import event

from app.extensions import db


def found(browser, address):
    """The keys of the rows that the list at *address* shows."""
    answer = browser.get(address)
    assert answer.status_code == 200
    return {int(key) for key in re.findall(r'data-pk="(\d+)"', answer.text)}


def plans_of(act):
    """How PostgreSQL runs each statement of *act* that looks for a part of a text."""
    asked = []
    connection = db.engines[None]

    def note(_connection, _cursor, statement, parameters, *_rest):
        if " LIKE " in statement:
            asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    act()
    event.remove(connection, "before_cursor_execute", note)
    return [
        "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
        for statement, parameters in asked
    ]
