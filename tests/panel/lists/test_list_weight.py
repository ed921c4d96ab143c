"""The bytes of a list page with its frame: what rows share stands once, what only scripts use is made by scripts."""

import re
from datetime import timedelta

import pytest

from app.lib.clock import now
from app.panel.queries.preferences import COLUMNS
from models.member import Member
from tests.factories import FollowUpFactory, ProductFactory, ResultTitleFactory, member
from tests.panel.test_every_section import LISTED, PLATFORM
from tests.support.makers import MAKERS

ROWS = 25
MOST_BYTES, MOST_COMPRESSED = 35 * 1024, 10 * 1024
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
MARK = re.compile(rb" ?canary[a-j]+x[a-j]*[pt]?z")
WORD = "سیده فاطمه‌زهرا نورالهدی حسینی‌نژاد اصفهانی"
LONG = {
    "order__customer__first_name": "سیده فاطمه‌زهرا نورالهدی",
    "order__customer__city": "خرم‌آباد لرستان",
    "order__customer__province": "کهگیلویه و بویراحمد",
}


@pytest.fixture
def long_names(session, consultant, colleague):
    """A page of follow-ups with the longest names that people have, each in the colour of its result and late."""
    product = ProductFactory(title="دورهٔ جامع مکالمهٔ زبان انگلیسی")
    title = ResultTitleFactory(title="در حال بررسی پیش‌فاکتور", colour="violet")
    for number in range(ROWS + 5):
        FollowUpFactory(
            consultant_id=consultant.id,
            order__product=product,
            order__customer__last_name=f"حسینی‌نژاد اصفهانی {number}",
            last_result=title,
            next_at=now() - timedelta(hours=number),
            **LONG,
        )
    FollowUpFactory(consultant_id=colleague.id)
    session.commit()


def weigh(client, address):
    """The page of the list at *address*, which is light, as it is and by each encoding."""
    page = client.get(address)
    compressed = {
        way: client.get(address, headers={"Accept-Encoding": way}) for way in ("gzip", "zstd", "br")
    }
    assert page.text.count("<tr id=") == ROWS
    # The words by which tests recognise whose row it is are no part of a page.
    assert len(MARK.sub(b"", page.data)) <= MOST_BYTES
    for way, response in compressed.items():
        assert response.headers["Content-Encoding"] == way
        assert len(response.data) <= MOST_COMPRESSED
    return page.text


@pytest.mark.parametrize("slug", sorted({view.slug for view in LISTED} & set(MAKERS) - PLATFORM))
def test_of_every_section_are_few(session, login, manager, consultant, slug):
    section = next(view for view in LISTED if view.slug == slug)
    session.get(Member, consultant.id).last_name = "سیده فاطمه‌زهرا نورالهدی حسینی‌نژاد"
    for number in range(ROWS + 5):
        MAKERS[slug](WORD, consultant.id, number)
    session.commit()
    tabs = [tab.key for tab in section.tabs]

    weigh(login(manager), f"/{slug}/?tab=all" if "all" in tabs else f"/{slug}/")


@pytest.mark.parametrize(
    ("role", "slug"),
    [
        ("SupportAgent", "support"),
        ("SupportAgent", "sales"),
        ("Operator", "tickets"),
        ("Admin", "members"),
        ("Admin", "organizations"),
        ("Admin", "sms-providers"),
    ],
)
def test_are_few_for_every_role(session, login, manager, consultant, organization, role, slug):
    for number in range(ROWS + 5):
        make(slug, consultant.id, number)
    person = member(role, organization if role == "SupportAgent" else None, "reader")
    session.commit()

    weigh(login(person), f"/{slug}/{'?tab=all' if slug in ('support', 'sales') else ''}")


def make(slug, owner_id, number):
    """A row of the section; members are those of the platform, the only ones that an Admin sees outside organisations."""
    if slug == "members":
        member("Operator", None, f"operator-{number}", first_name=WORD, last_name=f"{WORD} {number}")
    else:
        MAKERS[slug](WORD, owner_id, number)


@pytest.mark.parametrize(
    "address", ["/follow-ups/?tab=all", "/customers/", "/orders/?tab=all", "/follow-ups/?tab=due"]
)
def test_of_25_rows_with_long_names_are_few(login, manager, long_names, address):
    weigh(login(manager), address)


@pytest.mark.parametrize("address", ["/follow-ups/?tab=all", "/customers/", "/orders/?tab=all"])
def test_are_few_for_a_consultant_who_sees_own_rows_alone(login, consultant, colleague, long_names, address):
    assert colleague.full_name not in weigh(login(consultant), address)


def test_stay_few_where_all_columns_are_shown(login, manager, long_names):
    columns = (
        "customer,customer.mobile,last_result,product,order.status,attempts,next_at,consultant,created_at"
    )

    page = login(manager).get(f"/follow-ups/?tab=all&{COLUMNS}={columns}")

    assert page.text.count("</th>") == len(columns.split(",")) + 2
    assert len(TABLE.search(page.text)[0].encode()) <= 40 * 1024


def test_repeat_no_text_and_no_icon_in_each_row(login, manager, long_names):
    rows = re.findall(r"<tr id=.*?</tr>", login(manager).get("/customers/").text)

    assert len(rows) == ROWS
    assert all("<svg" not in row for row in rows)
    assert all(row.count("فاطمه‌زهرا") == 1 for row in rows if "فاطمه" in row)
    assert all("/inline/" not in row and "data-label" not in row for row in rows)
