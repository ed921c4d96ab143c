"""The search of a list of conversations: in subjects, messages and names of members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import aliased

from app.lib.persian import escape_like, fold
from app.panel.actor import member_id
from app.panel.queries.search import matching
from models.member import Member
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember


def searched(statement: Select[Any], text: str) -> Select[Any]:
    """The conversations whose subject, messages or other members match *text*."""
    if not text:
        return statement
    words = [word for word in map(fold, text.split()) if word]
    if not words:
        return statement.where(false())
    patterns = [f"%{escape_like(word)}%" for word in words]
    said = select(Message.thread_id).where(*(_contains(Message.text_key, each) for each in patterns))
    subject = [_contains(Thread.search_key, each) for each in patterns]
    found = or_(*[_all_of(subject), ThreadMember.thread_id.in_(said), *_with_member(text)])
    return statement.where(found)


def _contains(key: Any, pattern: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = key.like(pattern, escape="\\")
    return found


def _all_of(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = conditions
    for each in rest:
        first = first & each
    return first


def _with_member(text: str) -> Sequence[ColumnElement[bool]]:
    condition = matching(Member, text)
    if condition is None:
        return ()
    other = aliased(ThreadMember)
    named = select(other.thread_id).join(other.member).where(condition.clause, other.member_id != member_id())
    return (ThreadMember.thread_id.in_(named.params(condition.values)),)
