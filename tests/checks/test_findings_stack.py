"""The holes of Flask-AppBuilder, F-16 to F-34: routes, rights, pages; each closed in the engine or by configuration."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from flask_appbuilder import expose
from flask_appbuilder.models.mixins import AuditMixin
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.extensions import appbuilder, db
from app.lib.jalali import format_date, today
from app.panel.section import Section
from models.base import Authored
from models.follow_up import FollowUpEntry
from models.product import Product
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    ProductFactory,
    ResultTitleFactory,
)

PDF = b"%PDF-1.4 a small one"


def test_f16_what_changes_rows_is_reached_by_post_alone(app):
    changing = {
        "delete",
        "action",
        "action_post",
        "undo",
        "result",
        "run",
        "take-back",
        "end",
        "off",
        "logout",
    }

    by_get = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if changing & set(rule.rule.split("/")) and "GET" in (rule.methods or ())
    ]

    assert by_get == []
    assert "FAB_ALLOW_GET_UNSAFE_MUTATIONS" not in app.config
    assert "csrf" in app.extensions


def test_f17_the_same_form_sent_three_times_is_one_result(session, login, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    data = {"result_title": ResultTitleFactory().id, "token": str(uuid4())}
    client = login(consultant)

    for _ in range(3):
        client.post(f"/follow-ups/{follow_up.id}/result", data=data)

    assert session.scalar(select(func.count()).select_from(FollowUpEntry)) == 1


def test_f20_there_are_no_keys_for_programs(app):
    assert not app.config.get("FAB_API_KEY_ENABLED")
    assert [
        rule.rule for rule in app.url_map.iter_rules() if "api_key" in rule.rule or "security" in rule.rule
    ] == []


def test_f21_a_right_is_itself_and_no_prefix_of_another(app, session, login, consultant):
    assert "FAB_ROLES" not in app.config
    assert not appbuilder.sm.builtin_roles
    assert login(consultant).get("/products/").status_code == 200
    appbuilder.sm.add_permission_view_menu("can_list_secret", "ProductsAuditLog")

    roles = [role.id for role in consultant.roles]
    pairs = appbuilder.sm._pairs_of(roles)

    assert ("can_list", "Products") in pairs
    assert ("can_list_secret", "ProductsAuditLog") not in pairs


def test_f22_a_start_gives_admin_no_right(app, session):
    class Late(Section):
        model = Product
        slug = "late"
        title = title_one = "late"

        @expose("/secret")
        def secret(self):
            return ""

    Section.forget(Late)

    assert app.config["FAB_UPDATE_PERMS"] is False
    assert app.config["FAB_CREATE_DB"] is False
    assert appbuilder.sm.find_view_menu("Late") is None


def test_f23_a_right_of_public_opens_nothing(app, session):
    public = appbuilder.sm.find_role(appbuilder.sm.auth_role_public)
    assert public.permissions == []
    public.permissions = [appbuilder.sm.add_permission_view_menu("can_list", "Products")]
    session.flush()

    assert app.test_client().get("/products/").status_code == 302


def test_f25_wildcards_are_searched_as_they_are(login, manager):
    CustomerFactory(city="تهران")

    for name in ("q", "f_city"):
        page = login(manager).get("/customers/", query_string={name: "%"}).text
        assert "data-pk=" not in page


def test_f26_a_jalali_day_is_no_gregorian_year(login, manager):
    CustomerFactory()
    client = login(manager)
    later = {"f_created_at_from": "1499/01/01"}
    same_day = {"f_created_at_from": format_date(today()), "f_created_at_to": format_date(today())}

    assert "data-pk=" not in client.get("/customers/", query_string=later).text
    assert "data-pk=" in client.get("/customers/", query_string=same_day).text


@pytest.mark.parametrize("path", ["/login/", "/products/", "/nowhere"])
def test_f27_every_page_has_its_headers(login, manager, path):
    answer = login(manager).get(path)

    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]


def test_f28_times_are_aware_and_no_model_uses_fabs(app, manager):
    row = ProductFactory()

    assert row.created_at.utcoffset().total_seconds() == 0
    ours = [
        mapper.class_ for mapper in db.Model.registry.mappers if mapper.class_.__module__.startswith("models")
    ]
    assert not [model for model in ours if issubclass(model, AuditMixin)]
    assert issubclass(Product, Authored)


@pytest.mark.parametrize("path", ["/back", "/login/?next=https://evil.example/"])
def test_f29_no_address_leads_off_the_site(login, manager, path):
    client = login(manager)
    client.get("/products/", headers={"Host": "evil.example"})

    answer = client.get(path)

    assert "evil" not in answer.headers.get("Location", "")


def test_f31_columns_that_no_declaration_names_are_neither_shown_nor_taken(session, login, manager):
    for section in Section.registry:
        assert section.columns
    row = ProductFactory(code="A-1")
    hidden = {"search_key": "forged", "organization_id": "999", "deleted_at": "1405/01/01", "id": "7"}

    login(manager).post(f"/products/edit/{row.id}", data={"title": row.title, "code": "A-1", **hidden})

    session.refresh(row)
    assert row.deleted_at is None
    assert "forged" not in row.search_key


def test_f32_passwords_are_hashed_with_scrypt(app):
    assert generate_password_hash("correct horse 12").startswith("scrypt:32768:8:1$")
    assert app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt") == "scrypt"


def test_f33_an_account_without_a_password_is_no_crash(app, session, manager):
    manager.password = None
    session.flush()

    answer = app.test_client().post("/login/", data={"username": manager.username, "password": "x"})

    assert answer.status_code in {401, 422}


def test_f34_pages_load_nothing_from_elsewhere_and_nothing_of_fabs(login, manager):
    page = login(manager).get("/products/").text
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', page)

    assert loaded
    assert [address for address in loaded if not address.startswith(("/static/dist/", "#"))] == []
    assert "jquery" not in page.lower()
    assert Path("app/static/dist").is_dir()
