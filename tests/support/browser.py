"""The client of the tests: each of its answers is searched for words of rows that its reader may not see."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from flask.testing import FlaskClient

from tests.support.canaries import refuse_foreign_canaries


class Browser(FlaskClient):
    """A client whose requests don't inherit the test's own app context, and so no user's ``g``.

    Every answer is searched for words of rows that its reader may not see.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        answer = Context().run(super().open, *args, **kwargs)
        refuse_foreign_canaries(self, answer)
        return answer
