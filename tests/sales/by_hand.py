"""What the forms of sales send, and what they store."""

from sqlalchemy import select

from models.sale import Sale, SaleItem


def lines(*given, **more):
    """(product, quantity, price[, key]) of each line, beside the other fields."""
    sent = {"items": "", "discount": "0"} | {name: str(value) for name, value in more.items()}
    for at, (product, quantity, price, *key) in enumerate(given):
        sent |= {
            f"items-{at}-product": str(getattr(product, "id", product)),
            f"items-{at}-quantity": str(quantity),
            f"items-{at}-price": str(price),
            f"items-{at}-id": str(key[0]) if key else "",
        }
    return sent


def sales(session):
    session.expire_all()
    return session.scalars(select(Sale).order_by(Sale.id)).all()


def items(session, sale):
    found = select(SaleItem).where(SaleItem.sale_id == sale.id).order_by(SaleItem.position)
    return [(each.product.title, each.quantity, each.price, each.amount) for each in session.scalars(found)]
