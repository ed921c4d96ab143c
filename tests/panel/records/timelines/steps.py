"""Steps of the tests of timelines."""

from __future__ import annotations

MOST_STATEMENTS = 10
NOTHING = "events-nothing"
PAGES = ("/customers/show/{customer}", "/orders/show/{order}", "/follow-ups/show/{follow_up}")


def address(path, of):
    return path.format(customer=of.customer_id, order=of.order_id, follow_up=of.id)
