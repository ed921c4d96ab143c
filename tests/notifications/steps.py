"""What the tests of notifications share."""

from sqlalchemy import inspect, select

from models.notifications.notification import Notification

HTMX = {"HX-Request": "true"}
_ALL = {"unscoped": True, "populate_existing": True}


def told(session, member):
    """The notifications of *member*, oldest first."""
    # The member may be detached, or expired under another actor.
    (member_id,) = inspect(member).identity
    mine = select(Notification).where(Notification.member_id == member_id).order_by(Notification.id)
    return session.scalars(mine, execution_options=_ALL).all()


def kinds(session, member):
    return [each.kind for each in told(session, member)]


def tell(session, member, *, kind="follow-ups.follow_ups.consultant", **values):
    """A notification of *member* that leads to the list of follow-ups, unless *values* say otherwise."""
    number = len(told(session, member))
    common = {"section": "follow-ups", "address": "/follow-ups/?tab=new", "count": 2, "act": f"act-{number}"}
    row = Notification(member_id=member.id, kind=kind, **{**common, **values})
    session.add(row)
    session.flush()
    return row
