"""Steps of the tests of sales and payments."""

from sqlalchemy import select

from models.transaction import Transaction

RUN = {"_step": "run"}
HTMX = {"HX-Request": "true"}


def payment_of(session, sale):
    session.expire_all()
    return session.scalars(select(Transaction).where(Transaction.sale_id == sale.id)).one()
