"""The values of the forms that the permission matrix sends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.lib.clock import now
from app.lib.jalali import format_datetime
from tests.support.asks import Target
from tests.support.world import SCOPES, World

FORMS = {
    "products",
    "result-titles",
    "customers",
    "dossiers",
    "orders",
    "follow-ups",
    "sales",
    "sms-templates",
    "tasks",
}


def result_form(section: str, world: World, target: Target) -> dict[str, Any]:
    title = "support_title" if section == "support" else "result_title"
    return {"result_title": world.related[target.scope][title], "note": "گفت‌وگو شد"}


def form_of(section: str, world: World, target: Target) -> dict[str, Any]:
    product = world.related[target.scope]["product"]
    forms: dict[str, dict[str, Any]] = {
        "products": {"title": "دوره تازه", "code": "NEW-1", "price": "1000", "is_active": "y"},
        "result-titles": {"title": "تازه", "colour": "red", "kind": "open", "scope": "follow_up"},
        "customers": {"mobile": "09351234567", "last_name": "تازه"},
        "dossiers": {"legal_name": "شرکت تازه", "national_id": "10380284790"},
        "orders": {"mobile": "09351234567", "product": product, "quantity": "7", "note": "تازه"},
        "members": {
            "first_name": "تازه",
            "last_name": "تازه",
            "username": "newcomer",
            "email": "new@example.ir",
        }
        | {"role": str(world.consultant_role), "active": "y"},
        "roles": {"title": "تازه", "right": ["Products can_list"]},
        "organizations": {"name": "تازه", "slug": "newcomer", "currency": "toman", "repeat_policy": "hold"}
        | {"repeat_window_days": "30"},
        "sms-providers": {
            "name": "تازه",
            "kind": "kavenegar",
            "base_url": "http://127.0.0.1:9/v1",
            "line": "1",
        },
        "sms-templates": {"title": "تازه", "category": "service", "body": "سلام {نام}", "is_active": "y"},
        "sales": {"sold_at": format_datetime(now() - timedelta(days=3))},
        "transactions": {"sale": world.related[target.scope].get("sale"), "method": "cash", "amount": "1000"},
        "tasks": {"title": "تازه", "due_on": "1405/09/02", "due_time": "14:30", "status": "doing"}
        | _owner(world, target),
        "follow-ups": {"next_at": format_datetime(now() + timedelta(days=3))},
    }
    return dict(forms[section])


def _owner(world: World, target: Target) -> dict[str, Any]:
    """The owner of a task, whom those name who give tasks to others."""
    names_one = world.actor is not None and {str(role) for role in world.actor.roles} & {"Manager", "Admin"}
    return {"owner": world.related[target.scope]["member"]} if names_one else {}


def forged(world: World, target: Target) -> dict[str, Any]:
    """What an attacker adds to the form: another's name on the new row, by every name it might have."""
    if target.scope == SCOPES[0]:
        return {}
    owner, organization = world.owners[target.scope].id, world.organization_of(target.scope).id
    names = ("owner_id", "owner", "created_by_id", "created_by", "consultant", "consultant_id", "customer_id")
    return dict.fromkeys(names, owner) | {"organization_id": organization, "organization": organization}
