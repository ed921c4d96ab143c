"""Merges of customers and their undo by REST."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.errors import Conflict, DomainError
from app.extensions import db
from app.lib.clock import now
from app.panel.action import RestAct
from app.services.merge.merge import LEAST, MOST, Wish, merge_customers
from app.services.merge.relations import MOST_MOVED, count_moving
from app.services.merge.undo import Parted, find_merge
from models.customer import Customer
from models.customer_merge import CustomerMerge
from models.job import BulkJob
from views.merging.form import MergeBody


def _merge(section: Any, pk: int, body: MergeBody) -> Customer | BulkJob:
    """Merge the customers of *body*, among them *pk*; the answer has the oldest, who stays."""
    seen, chosen = body.seen, body.chosen
    if not body.is_readable or pk not in seen or not LEAST <= len(seen) <= MOST:
        words = _l(
            "Name two to five customers with their versions, such as «12:3,15:1»; this one is among them."
        )
        raise DomainError(words, field="versions")
    for name, key in chosen.items():
        if key not in seen:
            raise DomainError(_l("This is none of the customers."), field=name)
    section.refuse_foreign(list(seen))
    if count_moving(list(seen)) > MOST_MOVED:
        sent = {"versions": body.versions.data, **{name: str(key) for name, key in chosen.items()}}
        job: BulkJob = section.queue_merge(list(seen), body, MultiDict(sent))
        return job
    return merge_customers(Wish(seen, chosen), at=now()).survivor


def _undo(section: Any, pk: int, _body: None) -> Customer | BulkJob:
    """Undo the last merge into the customer *pk*."""
    section.refuse_foreign([pk])
    latest = select(CustomerMerge.id).where(
        CustomerMerge.survivor_id == pk, CustomerMerge.undone_at.is_(None)
    )
    key = db.session.scalar(latest.order_by(CustomerMerge.id.desc()).limit(1))
    if key is None:
        raise Conflict(_l("No merge into this customer is there to undo."))
    parted: Parted | BulkJob = section.part(find_merge(key, lock=True) or abort(404))
    return parted if isinstance(parted, BulkJob) else parted.survivor


REST_ACTS = (
    RestAct("merge", _l("Merge customers"), "merge", _merge, MergeBody),
    RestAct("undo-merge", _l("Undo the merge"), "merge", _undo),
)
