"""Words of `docs/extend.md` on a section of no product; run by `tests/panel/test_words_elsewhere.py`."""

from __future__ import annotations

import json

import pytest

from app.panel.check.right_labels import right_label
from tests.factories import member
from tests.support.reviewed_articles import Article, Articles

HTMX = {"HX-Request": "true"}
RENAME = "/articles/action/rename"


@pytest.fixture
def article(session, manager, colleague):
    """An article that another manager has given the colleague to review."""
    row = Article(title="canaryarticle", reviewer=colleague)
    session.add(row)
    session.commit()
    return row


def test_prefill_begins_the_dialog_and_a_refusal_has_what_was_typed(session, login, manager, article):
    client = login(manager)
    assert 'value="canaryarticle (2)"' in client.post(f"{RENAME}/{article.id}", headers=HTMX).text
    refused = client.post(f"{RENAME}/{article.id}", data={"_step": "run", "title": " "}, headers=HTMX)
    assert refused.status_code == 422
    assert "canaryarticle (2)" not in refused.text

    client.post(f"{RENAME}/{article.id}", data={"_step": "run", "title": "تازه"}, headers=HTMX)
    session.refresh(article)
    assert article.title == "تازه"


def test_key_opens_it_for_the_marked_row(login, manager, article):
    page = login(manager).get("/articles/").text
    assert 'data-post="/articles/action/rename/__pk__" data-into="dialog" aria-keyshortcuts="Y"' in page


def test_right_is_that_of_another_act_and_no_box_of_its_own(session, login, consultant, article):
    assert right_label(Articles, "can_rename") is None
    client = login(consultant)
    assert client.post(f"{RENAME}/{article.id}", headers=HTMX).status_code == 403
    assert "action/rename" not in client.get("/articles/").text


def test_the_top_bar_has_the_number_and_opens_its_page(login, manager, article):
    client = login(manager)
    page = client.get("/account/").text
    assert 'data-bell="/articles/latest"' in page
    button = page.partition('data-bell="/articles/latest"')[2].partition("</button>")[0]
    assert 'data-count="articles">۱<' in button
    assert 'aria-keyshortcuts="Q"' in page
    assert "the newest articles" in client.get("/articles/latest", headers=HTMX).text


def test_who_may_not_list_has_no_button(login, organization, article):
    client = login(member("SupportAgent", organization))
    assert "/articles/latest" not in client.get("/account/").text
    assert client.get("/articles/latest").status_code == 403


def test_a_notification_of_one_row_has_its_act(login, manager, colleague, article):
    client = login(colleague)
    page = client.get("/notifications/").text
    assert "You review «canaryarticle»" in page
    assert f'data-post="/articles/{article.id}/seen" aria-label="I have seen the article"' in page
    answer = client.post(f"/articles/{article.id}/seen", headers=HTMX)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Seen: canaryarticle"
    assert "canaryarticle" not in login(manager).get("/notifications/").text
