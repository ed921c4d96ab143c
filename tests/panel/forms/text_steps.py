"""What the tests of text input share."""

from __future__ import annotations

from sqlalchemy import select


def newest(session, model):
    session.expire_all()
    return session.scalar(select(model).order_by(model.id.desc()).limit(1))
