"""Lines: child rows that are added and edited in the form of their parent."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped

from models.base import field


class Line:
    """A mixin for child rows of one parent, in the order of `position`.

    The parent has a relation to them with the cascade «all, delete-orphan», and may have a method `total_up()` that
    computes the amounts of the lines and its own.
    """

    position: Mapped[int] = field(_("Row number"), default=0)
