"""A section of no product with the words `prefill`, `key`, `right`, `NotifyAct` and `TopBarButton`; a plugin for a run of its own.

`tests/panel/test_words_elsewhere.py` starts it: the section must be declared before the app is made, and no other test
may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask_appbuilder import Model, expose
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, relationship
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import Access, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.forms.builder import Filled, PanelForm
from app.panel.forms.fields import TextField
from app.panel.layout.navigation import TopBarButton
from app.panel.notifications import Notify, NotifyAct
from app.panel.responses import success
from app.panel.section import Section
from models.base import Authored, Row, Tenant, Versioned, field, reads
from models.member import Member
from views import groups


class Article(Row, Tenant, Authored, Versioned, Model):
    __tablename__ = "articles"

    title: Mapped[str] = field("Title", String(80))
    reviewer_id: Mapped[int | None] = field("Reviewer", ForeignKey("ab_user.id"), index=True)
    reviewer: Mapped[Member | None] = relationship(foreign_keys="Article.reviewer_id")

    @reads("title")
    def __str__(self) -> str:
        return self.title


class TitleForm(PanelForm):
    title = TextField("Title", [Filled("Please fill in this field.")])


def _begin(form: TitleForm, article: Article) -> None:
    form.title.data = f"{article.title} (2)"


def _number() -> int:
    return db.session.scalar(select(func.count(Article.id))) or 0


class Articles(Section):
    model = Article
    slug = "articles"
    title, title_one = "Articles", "article"
    group, icon = groups.ORGANIZATION, "script"
    columns = ("title", "reviewer")
    form = ("title", "reviewer")
    top_bar = TopBarButton("Articles of today", "script", "latest", _number, "articles", key="Q")
    notify = (
        Notify(
            on="reviewer",
            to="reviewer",
            text="You review «%(name)s»",
            many="You review %(num)s articles",
            acts=(NotifyAct("Seen", "{id}/seen", "I have seen the article"),),
        ),
    )
    roles = {"Manager": Access.FULL, "Consultant": Access.READ}

    @action(
        "Rename",
        icon="pencil",
        confirm=counted("The article gets this title.", "The articles get this title."),
        submit=counted("Rename", "Rename"),
        form=TitleForm,
        bulk=False,
        prefill=_begin,
        key="Y",
        right="edit",
    )
    def rename(self, rows: Sequence[Article], form: Any) -> Done:
        rows[0].title = form.title.data
        db.session.flush()
        return Done("Renamed.")

    @expose("/latest")
    @requires("list")
    def latest(self) -> str:
        return "<p>the newest articles</p>"

    @expose("/<pk>/seen", methods=["POST"])
    @requires("show")
    def seen(self, pk: str) -> Response:
        return success(Done(f"Seen: {self.get_row(row_key(pk))}"), self.base_url)


@pytest.fixture(autouse=True)
def _table(session):
    Article.__table__.create(session.connection())
