"""Millions of follow-ups on PostgreSQL, generated in the database: two years of one large organisation."""

from __future__ import annotations

import random
from typing import Any

import psycopg

FIRST = ("علی", "مریم", "زهرا", "حسین", "سارا", "محمد", "فاطمه", "رضا", "نرگس", "مهدی", "الهام", "امیر")
LAST = (
    "رضایی",
    "احمدی",
    "کریمی",
    "قاسم‌زاده",
    "موسوی",
    "حسینی",
    "محمدی",
    "اکبری",
    "جعفری",
    "صادقی",
    "نوری",
    "یزدانی",
)
NOTE = "لطفاً عصر تماس بگیرید؛ دربارهٔ اقساط پرسید."
CUSTOMERS = """
INSERT INTO customers (organization_id, mobile, first_name, last_name, opted_out, search_key, sort_key,
                       created_at, updated_at, row_version)
SELECT %(here)s, '+989' || lpad(((n * 7919) %% 1000000000)::text, 9, '0'), names.first, names.last, false,
       names.search || '|9' || lpad(((n * 7919) %% 1000000000)::text, 9, '0'), names.sort, now(), now(), 1
FROM generate_series(1::bigint, %(customers)s) n
JOIN bench_names names ON names.number = (n * 31) %% %(names)s
"""
ORDERS = """
INSERT INTO orders (organization_id, customer_id, product_id, quantity, ordered_at, status, is_repeat, note,
                    created_at, updated_at, row_version)
SELECT %(here)s, %(customer)s + (n * 13) %% %(customers)s, %(product)s + n %% 4, 1,
       now() - interval '730 days' + n * interval '730 days' / %(rows)s, 'assigned', n %% 25 = 0, %(note)s,
       now(), now(), 1
FROM generate_series(1::bigint, %(rows)s) n
"""
# `turn` counts the rows of each consultant, so that all consultants have rows of all kinds.
FOLLOW_UPS = """
INSERT INTO follow_ups (organization_id, order_id, customer_id, product_id, consultant_id, status, last_result_id,
                        next_at, attempts, last_entry_at, created_at, updated_at, row_version)
SELECT %(here)s, o.id, o.customer_id, o.product_id, %(consultant)s + (o.id * 17) %% %(consultants)s,
       CASE WHEN turn %% 10 < 4 THEN 'open' WHEN turn %% 10 < 6 THEN 'won' ELSE 'lost' END,
       CASE WHEN turn %% 9 = 8 THEN NULL ELSE %(result)s + turn %% 8 END,
       CASE WHEN turn %% 10 < 4 THEN now() + ((turn * 7) %% 60 - 30) * interval '1 day' + (o.id %% 1440) * interval '1 minute' END,
       turn %% 6, CASE WHEN turn %% 9 = 8 THEN NULL ELSE now() END, now(), now(), 1
FROM orders o, LATERAL (SELECT o.id / %(consultants)s + o.id AS turn) t WHERE o.organization_id = %(here)s
"""
# A history for every fiftieth follow-up.
ENTRIES = """
INSERT INTO follow_up_entries (organization_id, follow_up_id, customer_id, result_title_id, note, at, by_id)
SELECT f.organization_id, f.id, f.customer_id, coalesce(f.last_result_id, %(result)s), %(note)s, now() - n * interval '9 days', f.consultant_id
FROM follow_ups f, generate_series(1, 4) n WHERE f.organization_id = %(here)s AND f.id %% 50 = 7
"""

# Each order was assigned once; every fifth follow-up ended in a sale, three days later.
ASSIGNMENTS = """
INSERT INTO assignments (organization_id, order_id, customer_id, counted_customer_id, to_member_id, started_at, method)
SELECT f.organization_id, o.id, o.customer_id, o.customer_id, f.consultant_id, o.ordered_at, 'round_robin'
FROM follow_ups f JOIN orders o ON o.id = f.order_id WHERE f.organization_id = %(here)s
"""
SALES = """
INSERT INTO sales (organization_id, order_id, customer_id, counted_customer_id, consultant_id, amount, discount, paid, balance,
                   sold_at, status, created_at, updated_at, row_version)
SELECT f.organization_id, o.id, o.customer_id, o.customer_id, f.consultant_id, 1000000 + o.id %% 90 * 100000, 0, 0,
       1000000 + o.id %% 90 * 100000, o.ordered_at + interval '3 days', 'confirmed', now(), now(), 1
FROM follow_ups f JOIN orders o ON o.id = f.order_id WHERE f.organization_id = %(here)s AND f.status = 'won'
"""


def fill(url: str, rows: int, consultants: int, names: list[tuple[Any, ...]]) -> None:
    """Insert *rows* orders with follow-ups into the organisation «bench», which already has its members."""
    with psycopg.connect(url, autocommit=True) as connection:
        run = connection.execute
        run("SET app.unscoped = 'on'")
        run("SET synchronous_commit = off")
        here = _one(connection, "SELECT id FROM organizations WHERE slug = 'bench'")
        run("CREATE TEMP TABLE bench_names (number int, first text, last text, search text, sort text)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bench_names VALUES (%s, %s, %s, %s, %s)", names)
        values: dict[str, Any] = {
            "here": here,
            "rows": rows,
            "customers": max(rows * 3 // 10, 1),
            "names": len(names),
            "consultants": consultants,
            "note": NOTE,
            "product": _one(connection, "SELECT min(id) FROM products WHERE organization_id = %s", here),
            "result": _one(connection, "SELECT min(id) FROM result_titles WHERE organization_id = %s", here),
            "consultant": _one(connection, "SELECT min(id) FROM ab_user WHERE username LIKE 'bench-c%%'"),
        }
        run(CUSTOMERS, values)
        values["customer"] = _one(
            connection, "SELECT min(id) FROM customers WHERE organization_id = %s", here
        )
        run(ORDERS, values)
        run(FOLLOW_UPS, values)
        run(ENTRIES, values)
        run(ASSIGNMENTS, values)
        run(SALES, values)
        run("VACUUM ANALYZE")


def _one(connection: psycopg.Connection[Any], statement: str, *values: Any) -> Any:
    return connection.execute(statement, values).fetchone()[0]  # type: ignore[index]  # there is one


def name_rows(fold: Any, sort_key: Any) -> list[tuple[Any, ...]]:
    """All combinations of first and last names, shuffled, with their search and sort keys."""
    pairs = [(first, last) for first in FIRST for last in LAST]
    random.Random(7).shuffle(pairs)
    return [
        (number, first, last, fold(f"{first} {last}"), sort_key(f"{first} {last}")[:200])
        for number, (first, last) in enumerate(pairs)
    ]
