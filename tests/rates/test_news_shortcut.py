"""The limit of requests for news also counts those that are answered without a route."""

import pytest

from tests.day.message_steps import HTMX

NEWS = "/notifications/news"


@pytest.fixture
def ask(login, consultant, colleague):
    browsers = {each.id: login(each) for each in (consultant, colleague)}
    marks = {key: browser.get(NEWS, headers=HTMX).json["mark"] for key, browser in browsers.items()}
    return lambda of: browsers[of.id].get(f"{NEWS}?mark={marks[of.id]}", headers=HTMX)


def test_refuses_above_the_limit_the_member_alone(ask, limited, consultant, colleague):
    limited(3, "news")
    assert [ask(consultant).status_code for _ in range(4)] == [204, 204, 204, 429]
    assert ask(colleague).status_code == 204
    refused = ask(consultant)
    assert (refused.status_code, refused.headers["Retry-After"].isdigit()) == (429, True)
