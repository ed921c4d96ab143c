"""Every act that stores something says so: by a toast of its answer, or of the page that it leads to."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from models.account import ApiToken
from models.attachment import Attachment
from models.job import BulkJob
from models.role import ExtraRole
from models.schedule.saved_report import SavedReport
from models.sms.template import SmsVariable
from models.table_view import TableView
from tests.factories import FollowUpFactory, ProductFactory, member
from tests.organization.test_settings import FORM
from tests.support.attached import PDF
from tests.support.matrix import has_message

HTMX = {"HX-Request": "true"}
QUERY = {"_query": "q=1"}
PRODUCT = {"title": "تازه", "code": "NEW-1", "price": "1000", "is_active": "y"}

# Run below, as a page and as a part of an open page.
ACTS = {
    "add", "edit/<pk>", "delete/<pk>", "action/<string:name>/<pk>", "action_post", "undo/<batch>",
    "inline/<pk>/<string:name>", "table", "views", "views/<pk>/default", "views/<pk>/share", "views/<pk>/replace",
    "views/<pk>/delete", "saved", "saved/<pk>/rename", "saved/<pk>/share", "saved/<pk>/delete", "saved/<pk>/restore", "saved/<pk>/schedule",
    "<pk>/files/add", "<pk>/files/<uuid>/delete", "<pk>/files/<uuid>/restore",
    "account/", "account/presence", "account/tokens/", "account/tokens/revoke/<pk>", "account/sessions/end-others",
    "roles/add", "roles/delete/<pk>", "settings/organization/", "settings/sms-variables/",
    "settings/sms-variables/add", "settings/sms-variables/delete/<pk>", "<pk>/cancel", "organizations/enter/<pk>",
    "organizations/leave",
}  # fmt: skip
# The permission matrix looks for the message of each of its cells (`tests/support/matrix.py`).
IN_THE_MATRIX = {
    "<pk>/result", "import", "imports/take-back/<pk>", "campaigns/send/<slug>", "campaigns/steer/<pk>/<step>",
    "trash/restore/<slug>", "trash/restore/<slug>/<pk>", "<pk>/move", "messages/<pk>/close",
    "tickets/<pk>/close", "tickets/<pk>/assign",
}  # fmt: skip
# The same answer as one that is run: `success`, `success_at`.
ALIKE = {
    "account/sessions/end/<pk>", "campaigns/review/<pk>", "import/<pk>/undo", "customers/hand-back/<moment>",
    "customers/merge", "customers/undo-merge/<pk>",
    "tickets/hand-back/<moment>", "tickets/reopen-many/<moment>", "tasks/hand-back/<moment>", "tasks/bring-back/<moment>", "tasks/today/<pk>/tomorrow",
    "follow-ups/hand-back/<moment>", "orders/hand-back/<moment>",
    "repeated-orders/undo-decision/<string:name>/<moment>",
    "<pk>/flag", "<pk>/connect", "<pk>/disconnect/<customer>", "<pk>/reconnect/<customer>",
    "trash/restore-act/<slug>/<batch>", "account/password/", "<pk>/result/<entry>/undo", "result-titles/order",
    "sales/<pk>/invoice/issue", "sales/<pk>/address", "sales/<pk>/proforma/issue", "sales/<pk>/take-back-delivery", "transactions/<pk>/take-back",
    "<pk>/choose/<choice>/<uuid:token>", "<pk>/snooze/<choice>", "messages/<pk>/reopen", "tickets/<pk>/reopen", "tickets/<pk>/note",
    "settings/sms-variables/undo/<batch>", "settings/holidays/", "settings/holidays/<day>/delete", "settings/holidays/official", "settings/holidays/<day>/restore",
    "notifications/read", "notifications/unread/<moment>", "notifications/<pk>/dismiss", "notifications/<pk>/restore",
}  # fmt: skip
# The answer shows what was done: a progress, the next step, a secret that is shown once, a message in its conversation.
SHOWN = {
    "messages/<pk>/answer", "tickets/<pk>/answer",
    "export", "reports/final-sales/export", "reports/overall/export", "reports/overall/make", "customers/merge-chosen", "import/<pk>/columns", "import/<pk>/make", "imports/make/<pk>", "import/<pk>/reading", "import/<pk>/run", "import/<pk>/stop", "imports/columns/<pk>", "imports/reading/<pk>", "imports/run/<pk>",
    "campaigns/send/<slug>/<pk>", "members/password/<pk>", "sms-providers/renew/<pk>", "account/two-step/",
    "account/two-step/off", "account/two-step/codes", "tasks/today/<pk>",
}  # fmt: skip
# Nothing of an organisation is stored, or no person reads the answer.
NOTHING_STORED = {
    "add/totals", "edit/<pk>/totals", "follow-ups/<pk>/result/totals",
    "notifications/<pk>/read", "account/confirm/", "account/menu", "account/first-day", "login/", "login/code", "logout/", "forgot-password/", "reset-password/<token>",
    "sms-templates/preview", "sms/report/<provider>/<secret>", "sms/inbound/<provider>/<secret>",
}  # fmt: skip
KNOWN = ACTS | IN_THE_MATRIX | ALIKE | SHOWN | NOTHING_STORED


def test_every_address_that_stores_is_named(app):
    posts = [
        rule.rule[1:]
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and not rule.rule.startswith(("/console", "/api"))
    ]

    # The slug of a section has one part, that of a report two.
    assert [rule for rule in posts if not {"/".join(rule.split("/")[n:]) for n in range(3)} & KNOWN] == []


@pytest.fixture
def browser(login, manager):
    return login(manager)


@pytest.fixture(params=[{}, HTMX], ids=["page", "fragment"])
def headers(request):
    return request.param


@pytest.fixture
def act(browser, headers):
    """A function that posts and returns the answer, which must have a message."""

    def post(path, data=None, *, client=browser):
        with client.session_transaction() as cookie:
            cookie.pop("_flashes", None)
        answer = client.post(path, data=data or {}, headers=headers)
        assert answer.status_code < 400, answer.text[:2000]
        assert has_message(client, answer), path
        return answer

    return post


def newest(session, model):
    session.expire_all()
    return session.scalars(select(model).order_by(model.id.desc()).limit(1)).one().id


class TestRows:
    def test_added_edited_and_deleted(self, act, session):
        key = ProductFactory().id

        act("/products/add", PRODUCT)
        act(f"/products/edit/{key}", PRODUCT | {"code": "NEW-2"})
        act(f"/products/inline/{key}/price", {"price": "2000"})
        act(f"/products/delete/{key}")

    def test_deleted_by_the_menu_and_the_bar_and_taken_back(self, act, session):
        first, second = ProductFactory().id, ProductFactory().id

        act(f"/products/action/remove/{first}", {"_step": "run"})
        answer = act("/products/action_post", {"action": "remove", "_step": "run", "rowid": [str(second)]})

        assert answer.status_code in {204, 302}

    def test_taken_back(self, act, browser, session):
        answer = browser.post(f"/products/delete/{ProductFactory().id}", headers=HTMX)
        undo = answer.headers["HX-Trigger"].partition('"undo_url": "')[2].partition('"')[0]

        act(undo)

    def test_files(self, act, session):
        key = FollowUpFactory().id
        act(f"/follow-ups/{key}/files/add", {"files": (BytesIO(PDF), "فاکتور.pdf"), "_nonce": str(uuid4())})
        file = session.get_one(Attachment, newest(session, Attachment)).uuid

        act(f"/follow-ups/{key}/files/{file}/delete")
        act(f"/follow-ups/{key}/files/{file}/restore")


class TestLists:
    def test_settings_of_the_table(self, act):
        act("/products/table", QUERY | {"column": ["title"], "size": "50"})
        act("/products/table", QUERY | {"reset": "1"})

    def test_saved_views(self, act, session):
        act("/products/views", QUERY | {"name": "نمای تازه"})
        view = newest(session, TableView)

        for step in ("default", "default", "share", "share", "replace", "delete"):
            act(f"/products/views/{view}/{step}", QUERY)

    def test_saved_reports(self, act, session, manager):
        base = "/reports/final-sales/saved"
        act(base, {"name": "گزارش تازه", "_query": "range=last_month"})
        saved = newest(session, SavedReport)

        act(f"{base}/{saved}/rename", {"name": "نام دیگر"})
        sending = {"sending": "daily", "hour": "8", "span": "yesterday", "month_day": "1"}
        act(f"{base}/{saved}/schedule", sending | {"receivers": [str(manager.id)]})
        for step in ("share", "delete", "restore"):
            act(f"{base}/{saved}/{step}")


class TestTheAccount:
    def test_profile_and_presence(self, act, manager):
        act("/account/", {"first_name": "تازه", "last_name": "تازه", "email": manager.email})
        act("/account/presence")
        act("/account/presence")

    def test_tokens_and_sessions(self, act, session):
        act("/account/tokens/", {"name": "تازه", "scope": "read", "days": "30"})
        act(f"/account/tokens/revoke/{newest(session, ApiToken)}")
        act("/account/sessions/end-others")


class TestTheOrganization:
    def test_roles(self, act, session):
        act("/roles/add", {"title": "تازه", "right": ["Products can_list"]})
        act(f"/roles/delete/{newest(session, ExtraRole)}")

    def test_variables(self, act, session):
        act("/settings/sms-variables/add", {"key": "شعبه", "title": "شعبه"})
        variable = newest(session, SmsVariable)
        act("/settings/sms-variables/", {f"value-{variable}": "مرکزی"})
        act(f"/settings/sms-variables/delete/{variable}")

    def test_settings(self, act, browser):
        act("/settings/organization/", FORM)


def test_background_work_that_is_stopped(act, session, manager):
    job = BulkJob(client_token=uuid4(), section="products", query="", action="remove", total=3, most_key=9)
    session.add(job)
    session.commit()

    act(f"/jobs/{job.id}/cancel")
    session.refresh(job)


def test_an_organisation_that_is_entered_and_left(act, login, session, organization, headers):
    admin = login(member("Admin", None, "root"))

    act(f"/organizations/enter/{organization.id}", client=admin)
    act("/organizations/leave", client=admin)
