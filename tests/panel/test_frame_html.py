"""The frame is written once for all pages of a member, and never with what belongs to another one or another request."""

from __future__ import annotations

import re

import pytest

from app.panel.layout import fragment_cache, frame
from tests.factories import member


def tokens(page: str) -> set[str]:
    return set(re.findall(r'name="csrf_token" value="([^"]+)"', page))


@pytest.fixture
def cached_fragments(app, monkeypatch):
    """As in production, where templates do not change while they are served."""
    monkeypatch.setattr(app.jinja_env, "auto_reload", False)
    fragment_cache._cached.cache_clear()
    yield
    fragment_cache._cached.cache_clear()


@pytest.mark.usefixtures("cached_fragments")
class TestCachedFrame:
    def test_forms_of_the_frame_carry_the_token_of_their_own_session(self, session, login, organization):
        people = [member("Manager", organization, name) for name in ("first-manager", "second-manager")]
        session.commit()
        pages = [login(person).get("/follow-ups/").get_data(as_text=True) for person in people]
        mine, other = map(tokens, pages)
        assert mine
        assert other
        assert not mine & other
        assert all(frame._TOKEN not in page for page in pages)

    def test_a_form_of_the_frame_is_taken(self, app, session, login, consultant, monkeypatch):
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        client = login(consultant)
        client.get("/follow-ups/")
        page = client.get("/follow-ups/").get_data(as_text=True)
        form = re.search(r'action="/account/presence">\s*<input[^>]*value="([^"]+)"', page)
        before = consultant.accepts_orders
        assert client.post("/account/presence", data={"csrf_token": form[1][:-1]}).status_code == 400
        assert client.post("/account/presence", data={"csrf_token": form[1]}).status_code == 302
        session.refresh(consultant)
        assert consultant.accepts_orders is not before

    def test_what_changes_stands_in_the_next_page(self, session, login, manager):
        client = login(manager)
        assert manager.full_name in client.get("/follow-ups/").get_data(as_text=True)
        manager.first_name = "نام‌تازه"
        session.commit()
        page = client.get("/follow-ups/").get_data(as_text=True)
        assert page.count("نام‌تازه") == 2

    def test_a_name_is_text_in_the_frame(self, session, login, manager):
        manager.last_name = "<b>&'"
        session.commit()
        page = login(manager).get("/follow-ups/").get_data(as_text=True)
        assert "<b>&" not in page
        assert "&lt;b&gt;&amp;&#39;" in page

    def test_each_page_marks_its_own_entry(self, login, manager):
        client = login(manager)
        for path in ("/follow-ups/", "/customers/", "/follow-ups/"):
            page = client.get(path).get_data(as_text=True)
            assert set(re.findall(r'href="([^"]+)"[^>]* aria-current="page"', page)) >= {path}
            assert len(re.findall(r'<li><a[^>]* aria-current="page"', page)) == 1
