"""What the tests of the trash share."""

from uuid import UUID

from sqlalchemy import select

from app.panel.records.delete import soft_delete
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import ProductFactory, organization_with

HTMX = {"HX-Request": "true"}


def delete_abroad(session) -> tuple[int, UUID]:
    """A product that another organisation deleted: its key and its batch."""
    other = organization_with("other")
    with acting_as(session, Actor(other.id)):
        key = ProductFactory().id
        batch = soft_delete(Product, [key])
    session.commit()
    return key, batch


def living(session, model) -> set[int]:
    session.expire_all()
    return set(session.scalars(select(model.id)))
