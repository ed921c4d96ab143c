"""The summary of the ledger again: slowly, line by line, in plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sqlalchemy import select

from app.extensions import db
from models.assignment import Assignment
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine
from tests.report.recount import day_of

Days = dict[tuple[int, date], int]
Repeats = dict[int, tuple[int, int, datetime, datetime, datetime | None]]


def expected() -> tuple[Days, Repeats]:
    """The lines of each consultant and day, and the repeated lines by their id, from the ledger."""
    db.session.expire_all()
    lines = [
        line
        for line in db.session.scalars(select(Assignment)).all()
        if line.undone_at is None and line.undoes_id is None and line.to_member_id is not None
    ]
    days = Counter((line.to_member_id, day_of(line.started_at)) for line in lines)
    repeats: Repeats = {}
    of_customer: dict[int, datetime] = {}
    of_pair: dict[tuple[int, int], datetime] = {}
    for line in sorted(lines, key=lambda each: (each.started_at, each.id)):
        customer, member, at = line.counted_customer_id, line.to_member_id, line.started_at
        if customer in of_customer:
            before = of_customer[customer], of_pair.get((customer, member))
            repeats[line.id] = (member, customer, at, *before)
        of_customer[customer] = of_pair[customer, member] = at
    return dict(days), repeats


def stored() -> tuple[Days, Repeats]:
    """What the summary says."""
    days: Counter[tuple[int, date]] = Counter()
    for row in db.session.scalars(select(AssignedDay)).all():
        days[row.member_id, day_of(row.begins_at)] += row.lines
    repeats = {
        row.line_id: (row.member_id, row.customer_id, row.at, row.customer_before_at, row.pair_before_at)
        for row in db.session.scalars(select(RepeatedLine)).all()
    }
    return {key: number for key, number in days.items() if number}, repeats
