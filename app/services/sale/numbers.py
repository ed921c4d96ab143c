"""Numbers of invoices and pro-formas: each series without gaps and without doubles."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import update

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import record
from app.services.sale.moves import MoveRefused, lock_sale
from models.number_series import NumberSeries, Series
from models.sale import STANDING, Sale, SaleStatus
from models.tenancy.scope import fill_tenant
from models.upsert import upsert

_CLOSED = (SaleStatus.CANCELLED, SaleStatus.REFUNDED)


def issue_invoice(sale: Sale) -> bool:
    """Give the sale its invoice number; False where it has one. Raises `MoveRefused` for a draft or a closed sale."""
    sale = lock_sale(sale.id)
    if sale.invoice_number is not None:
        return False
    if sale.status not in STANDING:
        raise MoveRefused(_("An invoice needs a sale that is confirmed and not closed."))
    sale.invoice_number, sale.invoice_at = _draw(Series.INVOICE), now()
    db.session.flush()
    record("issue_invoice", sale)
    return True


def issue_proforma(sale: Sale) -> bool:
    """Give the sale its pro-forma number; False where it has one. Raises `MoveRefused` for a closed sale."""
    sale = lock_sale(sale.id)
    if sale.proforma_number is not None:
        return False
    if sale.status in _CLOSED:
        raise MoveRefused(_("A pro-forma needs a sale that is not closed."))
    sale.proforma_number, sale.proforma_at = _draw(Series.PROFORMA), now()
    db.session.flush()
    record("issue_proforma", sale)
    return True


def _draw(series: Series) -> int:
    """The next number; its row stays locked until the transaction ends, and a rollback gives the number back."""
    session = db.session()
    [row] = fill_tenant(session, [{"kind": series, "last": 0}])
    session.execute(upsert(session, NumberSeries).on_conflict_do_nothing(), [row])
    step = update(NumberSeries).where(NumberSeries.kind == series).values(last=NumberSeries.last + 1)
    step = step.execution_options(synchronize_session=False)
    return int(session.scalars(step.returning(NumberSeries.last)).one())
