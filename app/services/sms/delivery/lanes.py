"""The lanes of the queue, which the dispatcher serves in turn."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from models.organization import Organization, OrganizationStatus
from models.sms.campaign import CampaignKind, CampaignStatus, SmsCampaign
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class Lane:
    """A queue of messages: one bulk campaign, all single messages of an organisation, or a test of one account."""

    organization_id: int
    campaign_id: int | None
    provider_id: int | None = None


def find_lanes() -> list[Lane]:
    """The lanes of running campaigns in all active organisations."""
    statement = (
        select(SmsCampaign.organization_id, SmsCampaign.id, SmsCampaign.kind, SmsCampaign.provider_id)
        .join(Organization, Organization.id == SmsCampaign.organization_id)
        .where(SmsCampaign.status == CampaignStatus.RUNNING, Organization.status == OrganizationStatus.ACTIVE)
        .order_by(SmsCampaign.id)
    )
    # Unscoped, because the dispatcher serves all organisations. Only ids are read; each lane is processed in scope.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    lanes = [
        Lane(organization_id, key if kind is CampaignKind.BULK or provider_id else None, provider_id)
        for organization_id, key, kind, provider_id in found
    ]
    return list(dict.fromkeys(lanes))


def acting_organization() -> Organization:
    """The organisation whose lane is served."""
    return db.session.get_one(Organization, actor_of(db.session()).organization_id)
