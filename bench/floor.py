"""The baseline («floor»): the same pages in plain Flask, psycopg and Jinja2, without permissions, filters, menu and audit.

It runs two statements per page, logs in by a signed cookie, shows the same columns in the same format from a precompiled
template, and reads deep pages after a key. It bypasses row policies and does not compress.
"""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask, abort, redirect, request, session
from markupsafe import Markup
from psycopg.rows import dict_row
from werkzeug.wrappers import Response

from app.lib.jalali import format_datetime, long_date
from app.lib.mobile import display_mobile
from app.lib.persian import group_number

HEAD = """<!doctype html><html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>پیگیری‌ها</title>
<link rel="stylesheet" href="/app.css"></head><body><nav><a href="/">پیگیری‌ها</a> <span>{{ me.first_name }} {{ me.last_name }}</span></nav>"""
PAGE = (
    HEAD
    + """<form method="get"><input name="q" value="{{ q }}"></form><table><thead><tr><th>مشتری<th>موبایل<th>محصول<th>آخرین نتیجه
<th>وضعیت سفارش<th>تماس‌ها<th>تماس بعدی<th>مشاور<th></thead><tbody>
{% for r in rows %}<tr id="row-{{ r.id }}" data-pk="{{ r.id }}" data-colour="{{ r.colour or "" }}"><td><input type="checkbox" name="rowid" value="{{ r.id }}">
<td><a href="/{{ r.id }}">{{ r.first_name }} {{ r.last_name }}</a><td><a href="tel:{{ r.mobile }}">{{ r.mobile|mobile }}</a><td>{{ r.product }}
<td><span class="chip" data-colour="{{ r.colour or "gray" }}">{{ r.result or "جدید" }}</span><td>{{ statuses[r.status] }}<td>{{ r.attempts|number }}
<td>{% if r.next_at %}<bdi title="{{ r.next_at|long }}">{{ r.next_at|at }}</bdi>{% if r.next_at < now %} <span class="late">دیر</span>{% endif %}{% else %}—{% endif %}
<td>{{ r.consultant }} {{ r.consultant_last }}<td><a href="/{{ r.id }}/menu" aria-label="کارها">⋮</a></tr>{% endfor %}</tbody></table>
{% if more %}<a href="?after={{ rows[-1].id }}">بعد</a>{% endif %}</body></html>"""
)
ONE = (
    HEAD
    + """<h1>{{ r.first_name }} {{ r.last_name }}</h1><p><a href="tel:{{ r.mobile }}">{{ r.mobile|mobile }}</a> {{ r.product }} {{ statuses[r.status] }}</p>
<form method="post" action="/{{ r.id }}/result">{% for key, title in titles %}<label><input type="radio" name="result_title" value="{{ key }}">{{ title }}</label>{% endfor %}
<textarea name="note"></textarea><input name="next_at"><button>ثبت</button></form>
<ol>{% for e in entries %}<li data-colour="{{ e.colour }}">{{ e.title }} {{ e.first_name }} {{ e.last_name }} {{ e.at|at }}<p>{{ e.note }}</p>{% endfor %}</ol></body></html>"""
)
COLUMNS = """SELECT f.id, f.customer_id, f.attempts, f.next_at, o.status, c.first_name, c.last_name, c.mobile, p.title AS product,
t.title AS result, t.colour, u.first_name AS consultant, u.last_name AS consultant_last"""
PARENTS = """JOIN customers c ON c.id = f.customer_id JOIN products p ON p.id = f.product_id JOIN orders o ON o.id = f.order_id
JOIN ab_user u ON u.id = f.consultant_id LEFT JOIN result_titles t ON t.id = f.last_result_id"""
ROWS = f"""{COLUMNS} FROM (SELECT * FROM follow_ups f WHERE f.organization_id = %(org)s AND f.deleted_at IS NULL {{where}}
ORDER BY {{order}} LIMIT 26) f {PARENTS} ORDER BY {{order}}"""
DETAIL = f"{COLUMNS} FROM follow_ups f {PARENTS} WHERE f.id = %(id)s AND f.organization_id = %(org)s AND f.deleted_at IS NULL"
ENTRIES = """SELECT e.at, e.note, t.title, t.colour, u.first_name, u.last_name FROM follow_up_entries e
JOIN result_titles t ON t.id = e.result_title_id JOIN ab_user u ON u.id = e.by_id WHERE e.follow_up_id = %s ORDER BY e.id DESC"""
RESULT = """UPDATE follow_ups SET last_result_id = %(title)s, next_at = %(at)s, attempts = attempts + 1, last_entry_at = now(),
row_version = row_version + 1 WHERE id = %(id)s AND organization_id = %(org)s AND deleted_at IS NULL"""
ENTRY = """INSERT INTO follow_up_entries (organization_id, follow_up_id, customer_id, result_title_id, note, next_at, at, by_id)
VALUES (%(org)s, %(id)s, (SELECT customer_id FROM follow_ups WHERE id = %(id)s), %(title)s, %(note)s, %(at)s, now(), %(me)s)"""
DELETE = "UPDATE follow_ups SET deleted_at = now() WHERE id = ANY(%s) AND organization_id = %s AND deleted_at IS NULL"
WHO = "SELECT id, organization_id, first_name, last_name FROM ab_user WHERE username = %s AND active"
FILTERS = {
    "own": "f.consultant_id = %(me)s",
    "due": "f.status IN ('open', 'waiting') AND f.next_at < %(due)s",
    "result": "f.last_result_id = %(result)s",
    "from": "f.next_at >= %(from)s",
    "to": "f.next_at < %(to)s",
    "after": "f.id < %(after)s",
    "q": "f.customer_id IN (SELECT id FROM customers WHERE organization_id = %(org)s AND deleted_at IS NULL AND search_key LIKE %(q)s)",
}
SPAN = "organization_id = %(org)s AND {at} >= %(from)s AND {at} < %(to)s"
NUMBERS = f"""SELECT to_member_id, count(DISTINCT counted_customer_id) FROM assignments WHERE {SPAN.format(at="started_at")}
AND undone_at IS NULL AND undoes_id IS NULL {{own}} GROUP BY 1"""
SOLD = f"""SELECT consultant_id, count(*), sum(amount) FROM sales WHERE {SPAN.format(at="sold_at")}
AND status NOT IN ('draft', 'cancelled') AND deleted_at IS NULL {{own}} GROUP BY 1"""
REPORT = f"""SELECT u.first_name, u.last_name, n.count AS numbers, coalesce(s.count, 0) AS sales, coalesce(s.sum, 0) AS amount
FROM ({NUMBERS.format(own="{numbers_own}")}) n JOIN ab_user u ON u.id = n.to_member_id
LEFT JOIN ({SOLD.format(own="{sales_own}")}) s ON s.consultant_id = n.to_member_id ORDER BY numbers DESC"""
REPORT_PAGE = (
    HEAD
    + """<p><b>{{ rows|sum(attribute="numbers")|number }}</b></p><table>{% for r in rows %}<tr><td>{{ r.first_name }} {{ r.last_name }}
<td>{{ r.numbers|number }}<td>{{ r.sales|number }}<td>{{ r.amount|number }}<td>{{ (r.sales * 100 // r.numbers)|number }}٪</tr>{% endfor %}</table></body></html>"""
)
STATUSES = {"assigned": "انتساب‌یافته", "won": "موفق", "lost": "ناموفق"}

app = Flask(__name__)
app.secret_key = "the floor's own"
app.jinja_env.filters.update(mobile=display_mobile, number=group_number, at=format_datetime, long=long_date)
LIST, DETAILS, FIGURES = map(app.jinja_env.from_string, (PAGE, ONE, REPORT_PAGE))
local = threading.local()


def connect() -> psycopg.Connection[Any]:
    """The connection of the thread."""
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["FLOOR_URL"], row_factory=dict_row)
    found: psycopg.Connection[Any] = local.connection
    return found


def member(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """The logged-in member."""
    return connection.execute(WHO, [session.get("name", "")]).fetchone() or abort(401)


@app.get("/login/")
def log_in() -> Response:
    session["name"] = request.args["username"]
    return redirect("/")


@app.get("/")
def index() -> str:
    arguments = request.args.to_dict()
    order = "f.next_at, f.id" if "due" in arguments else "f.id" if "end" in arguments else "f.id DESC"
    where = " ".join(f"AND {FILTERS[name]}" for name in arguments if name in FILTERS)
    connection = connect()
    with connection.transaction():
        me = member(connection)
        values = {
            **arguments,
            "me": me["id"],
            "org": me["organization_id"],
            "q": f"%{arguments.get('q', '')}%",
        }
        rows = connection.execute(ROWS.format(where=where, order=order), values).fetchall()
    shown = rows[24::-1] if "end" in arguments else rows[:25]
    return LIST.render(
        rows=shown,
        more=len(rows) > 25,
        me=me,
        q=arguments.get("q", ""),
        statuses=STATUSES,
        now=datetime.now(UTC),
    )


@app.get("/report")
def report() -> str:
    """The final sales of a range by consultant; with `own` those of the member alone."""
    connection, own = connect(), "own" in request.args
    with connection.transaction():
        me = member(connection)
        values = {**request.args, "me": me["id"], "org": me["organization_id"]}
        statement = REPORT.format(
            numbers_own="AND to_member_id = %(me)s" if own else "",
            sales_own="AND consultant_id = %(me)s" if own else "",
        )
        rows = connection.execute(statement, values).fetchall()
    return FIGURES.render(rows=rows, me=me)


@app.get("/<int:key>")
def detail(key: int) -> str:
    connection = connect()
    with connection.transaction():
        me = member(connection)
        row = connection.execute(DETAIL, {"id": key, "org": me["organization_id"]}).fetchone() or abort(404)
        titles = connection.execute(
            "SELECT id, title FROM result_titles WHERE organization_id = %s", [me["organization_id"]]
        )
        choices = [tuple(each.values()) for each in titles]
        entries = connection.execute(ENTRIES, [key]).fetchall()
    return DETAILS.render(r=row, entries=entries, titles=choices, me=me, statuses=STATUSES)


@app.post("/<int:key>/result")
def result(key: int) -> Response:
    connection = connect()
    with connection.transaction():
        me = member(connection)
        values: dict[str, Any] = {
            "id": key,
            "me": me["id"],
            "org": me["organization_id"],
            "title": request.form["result_title"],
        }
        values |= {"note": request.form["note"], "at": request.form["next_at"]}
        connection.execute(RESULT, values)
        connection.execute(ENTRY, values)
    return redirect(f"/{key}")


@app.post("/delete")
def delete() -> str:
    connection = connect()
    with connection.transaction():
        me = member(connection)
        keys = [int(key) for key in request.form["rowid"].split(",")]
        count = connection.execute(DELETE, [keys, me["organization_id"]]).rowcount
    return Markup("<p>{}</p>").format(count)
