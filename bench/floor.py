"""The floor: the same list written by hand, two statements and a template, with no rights, no filters and no menu."""

from __future__ import annotations

import os
import threading

import psycopg
from flask import Flask, render_template_string, request

PAGE = """<!doctype html><html lang="fa" dir="rtl"><meta charset="utf-8"><title>پیگیری‌ها</title><table>
{% for r in rows %}<tr data-pk="{{ r[0] }}"><td>{{ r[1] }} {{ r[2] }}<td>{{ r[3] }}<td>{{ r[4] }}<td style="color:{{ r[6] }}">{{ r[5] or "" }}
<td>{{ r[7] }}<td>{{ r[8] }}<td>{{ r[9] }} {{ r[10] }}<td><a href="/{{ r[0] }}">⋮</a></tr>{% endfor %}</table>
{% if more %}<a href="?after={{ rows[-1][0] }}">بعد</a>{% endif %}"""
ROWS = """
SELECT f.id, c.first_name, c.last_name, c.mobile, p.title, t.title, t.colour, f.attempts, f.next_at, u.first_name, u.last_name
FROM (SELECT * FROM follow_ups f WHERE f.deleted_at IS NULL AND {where} ORDER BY {order} LIMIT 26 {offset}) f
JOIN customers c ON c.id = f.customer_id JOIN products p ON p.id = f.product_id
JOIN ab_user u ON u.id = f.consultant_id LEFT JOIN result_titles t ON t.id = f.last_result_id ORDER BY {order}
"""
WHO = "SELECT id, organization_id FROM ab_user WHERE username = %s AND active"

app = Flask(__name__)
held = threading.local()


def connect() -> psycopg.Connection[tuple[object, ...]]:
    """The thread's own connection."""
    if not hasattr(held, "connection"):
        held.connection = psycopg.connect(os.environ["FLOOR_URL"])
    found: psycopg.Connection[tuple[object, ...]] = held.connection
    return found


def where() -> tuple[str, str, str]:
    """What the address asks for, in SQL; the bench alone talks to this."""
    conditions, order, offset = ["f.organization_id = {org}"], "f.id DESC", ""
    if request.args.get("own"):
        conditions.append("f.consultant_id = {me}")
    if request.args.get("due"):
        conditions.append("f.status IN ('open', 'waiting') AND f.next_at < now()")
        order = "f.next_at, f.id"
    if result := request.args.get("result"):
        conditions.append(
            f"f.last_result_id = {int(result)} AND f.next_at >= now() AND f.next_at < now() + interval '30 days'"
        )
    if q := request.args.get("q"):
        text = q.replace("'", "''")
        conditions.append(
            f"f.customer_id IN (SELECT id FROM customers WHERE organization_id = {{org}} AND search_key LIKE '%%{text}%%')"
        )
    if depth := request.args.get("offset"):
        offset = f"OFFSET {int(depth)}"
    return " AND ".join(conditions), order, offset


@app.get("/")
def index() -> str:
    connection = connect()
    with connection.transaction():
        connection.execute("SELECT set_config('app.unscoped', 'on', true)")
        me, org = connection.execute(WHO, [request.cookies.get("u", "")]).fetchone()  # type: ignore[misc]  # there is one
        conditions, order, offset = where()
        statement = ROWS.format(where=conditions.format(org=org or 0, me=me), order=order, offset=offset)
        rows = connection.execute(statement).fetchall()
    return render_template_string(PAGE, rows=rows[:25], more=len(rows) > 25)
