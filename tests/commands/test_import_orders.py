"""The command that imports orders: the answers that it asks for, and what it says of rejected rows."""

import re

import pytest
from sqlalchemy import select

from app.lib.jalali import format_date
from app.lib.persian import latin_digits
from models.order import Order
from tests.factories import organization_with

UNSCOPED = {"unscoped": True}
CONTENT = "موبایل,محصول,تاریخ,تعداد\n09350001101,K-1,05/06/2026,1.500\n09350001102,K-1,05/12/2025,2\n"


@pytest.fixture
def run(app, session, tmp_path):
    organization_with("cases", **{"K-1": "کتاب کار"})
    session.commit()

    def imported(content: str, *options: str):
        path = tmp_path / "orders.csv"
        path.write_text(content, "utf-8")
        arguments = ["import-orders", str(path), "--organization", "cases", *options]
        return app.test_cli_runner().invoke(args=arguments)

    return imported


def test_takes_each_answer_that_it_offers(run, session):
    asked = run(CONTENT)
    offered = dict(re.findall(r"--(dates|numbers) ([a-z, -]+)", asked.stderr))

    for kind, options in offered.items():
        for number, option in enumerate(options.split(", ")):
            other = CONTENT + f"093500022{len(kind)}{number},K-1,,1\n"
            assert run(other, f"--{kind}", option).exit_code == 0

    assert offered == {"dates": "gregorian-dmy, gregorian-mdy", "numbers": "fraction, thousands"}
    assert run(CONTENT, "--dates", "dmy").exit_code == 2


def test_reads_the_rows_by_the_answers(run, session):
    done = run(CONTENT, "--dates", "gregorian-dmy", "--numbers", "thousands")

    orders = session.scalars(select(Order).order_by(Order.id), execution_options=UNSCOPED).all()
    read = [(latin_digits(format_date(order.ordered_at)), order.quantity) for order in orders]
    assert done.exit_code == 0
    assert read == [("1405/03/15", 1500), ("1404/09/14", 2)]


def test_names_the_rejected_rows_by_reason(run):
    rows = "".join(f"{number},K-1,,1\n" for number in range(12))
    done = run("موبایل,محصول,تاریخ,تعداد\n09350001101,K-1,,1\n09350001102,K-2,,1\n" + rows)

    lines = done.stdout.splitlines()
    assert lines[0].endswith("۱۳ ردیف ردشده.")
    assert lines[1:] == [
        "  شماره موبایل نامعتبر (۱۲): ردیف ۳، ۴، ۵، ۶، ۷، ۸، ۹، ۱۰، ۱۱، ۱۲، …",
        "  محصول ناشناخته (۱): ردیف ۲",
    ]
