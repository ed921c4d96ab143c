"""The rows beside the one that a claim is about: the closed, the deleted, the colleague's, the other organisation's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.lib.clock import now
from models.customer import Address
from models.follow_up import FollowUpStatus
from models.member import Member
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as, actor_of
from tests import factories


@dataclass(frozen=True)
class Neighbours:
    """Keys of follow-ups, each with an order, a customer and an address of its own."""

    open: int
    waiting: int
    closed: int
    lost: int
    deleted: int
    colleagues: int
    strangers: int

    @property
    def alive(self) -> set[int]:
        """What the consultant still has to do."""
        return {self.open, self.waiting}


def settle(session: Session, consultant: Member, colleague: Member, abroad: Organization) -> Neighbours:
    """Give *consultant* one follow-up in each state, and everybody else one in the state that counts."""
    actor = actor_of(session)
    ours, theirs, elsewhere = consultant.id, colleague.id, abroad.id
    keys = {
        "open": _follow_up(ours),
        "waiting": _follow_up(ours, status=FollowUpStatus.WAITING, next_at=now()),
        "closed": _follow_up(ours, status=FollowUpStatus.WON, closed_at=now()),
        "lost": _follow_up(ours, status=FollowUpStatus.LOST, closed_at=now()),
        "deleted": _follow_up(ours, deleted_at=now()),
        "colleagues": _follow_up(theirs),
    }
    session.commit()
    with acting_as(session, Actor(elsewhere)):
        stranger = factories.member("Consultant", session.get(Organization, elsewhere), "neighbour-abroad")
        keys["strangers"] = _follow_up(stranger.id)
        session.commit()
    assert actor_of(session) == actor
    return Neighbours(**keys)


def _follow_up(consultant_id: int, **fields: Any) -> int:
    row = factories.FollowUpFactory(consultant_id=consultant_id, **fields)
    factories.db.session.add(Address(customer_id=row.customer_id, line="خیابان یکم"))
    factories.db.session.flush()
    key: int = row.id
    return key
