"""Children of no product: lessons of a product, with a flag; a plugin for a run of its own.

`tests/panel/records/children/test_children_elsewhere.py` starts it: the section must be declared before the app is made, and no
other test may see it.
"""

from __future__ import annotations

import pytest
from flask_appbuilder import Model
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, relationship

from app.panel.access import Access
from app.panel.child_section import ChildSection
from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, reads
from models.child.one_flag import OneFlag, flag_index
from models.product import Product


class Lesson(OneFlag, Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "lessons"
    __table_args__ = (flag_index("uq_lessons_sample", "product_id", "is_sample"),)
    __goes_with__ = ("product",)
    __flag_of__, __flag__ = "product", "is_sample"

    product_id: Mapped[int] = field("Product", ForeignKey("products.id"), index=True)
    title: Mapped[str] = field("Title", String(80))
    is_sample: Mapped[bool] = field("Sample", default=False)

    product: Mapped[Product] = relationship()

    @reads("title")
    def __str__(self) -> str:
        return self.title


class Lessons(ChildSection):
    model = Lesson
    only_in = "product"
    slug = "lessons"
    rest = attachments = True
    title, title_one = "Lessons", "lesson"
    columns = ("title",)
    form = ("title", "is_sample")
    roles = {"Manager": Access.FULL, "Consultant": Access.FULL}


@pytest.fixture(autouse=True)
def _table(session):
    Lesson.__table__.create(session.connection())
