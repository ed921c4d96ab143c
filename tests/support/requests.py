"""What each verb of the permission matrix is on the wire, for each section that stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from app.lib.clock import now
from app.lib.jalali import format_datetime
from tests.support.world import PDF, SCOPES, World

TRACE = "the-same-for-both-answers"
NOWHERE = 999_999_999
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Ask:
    """One request; `data` is made anew each time, for files are read once."""

    method: str
    path: str
    data: Callable[[], dict[str, Any]] = dict
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """The rows that a request is about: those of a scope, or ones that don't exist."""

    keys: tuple[int, ...]
    file: str
    scope: str


def target_of(world: World, scope: str) -> Target:
    return Target(tuple(world.rows[scope]), world.files.get(scope, ""), scope)


def nowhere() -> Target:
    return Target((NOWHERE, NOWHERE + 1), str(uuid4()), "own")


def ask_for(section: str, verb: str, channel: str, world: World, target: Target) -> Ask | None:
    """The request of a cell; None where the product has no such address yet."""
    if channel == "api":
        return _api(section, verb, world, target)
    build = _SPECIAL.get((section, verb)) or (_COMMON.get(verb) if (section, verb) not in _MISSING else None)
    ask = build(section, channel, world, target) if build else None
    if ask is None:
        return None
    headers = {"X-Request-ID": TRACE, **(HTMX if channel == "ajax" else {})}
    return Ask(ask.method, ask.path, ask.data, headers)


def _api(section: str, verb: str, world: World, target: Target) -> Ask:
    """The same by REST, with the actor's token; the platform's admin names the organisation of the rows."""
    headers = {"X-Request-ID": TRACE}
    if world.token:
        headers["Authorization"] = f"Bearer {world.token}"
    if world.actor is not None and world.actor.organization_id is None:
        headers["X-Organization"] = str(world.organization_of(target.scope).id)
    one = f"/api/v1/{section}/{target.keys[0]}"
    if verb in "LV":
        return Ask("GET", f"/api/v1/{section}/" if verb == "L" else one, dict, headers)
    if verb == "A":
        return Ask("POST", f"/api/v1/{section}/", lambda: _json(section, verb, world, target), headers)
    headers["If-Match"] = "*"
    if verb == "D":
        return Ask("DELETE", one, dict, headers)
    return Ask("PUT", one, lambda: _json(section, verb, world, target), headers)


def _json(section: str, verb: str, world: World, target: Target) -> dict[str, Any]:
    if section == "orders" and verb == "E":
        return {"quantity": 7, "note": "تازه"}
    given = _form(section, world, target) if section in FORMS else {}
    return {name: True if value == "y" else value for name, value in given.items()}


FORMS = {"products", "result-titles", "customers", "orders", "follow-ups", "sms-templates"}


def _list(section: str, _channel: str, _world: World, _target: Target) -> Ask:
    return Ask("GET", f"/{section}/" + ("?tab=all" if section == "follow-ups" else ""))


def _show(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("GET", f"/{section}/show/{target.keys[0]}")


def _trail(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("GET", f"/{section}/trail/{target.keys[0]}")


def _wake(section: str, channel: str, world: World, target: Target) -> Ask:
    """Switch on again what was switched off."""
    key = world.asleep[target.scope] if target.keys[0] != NOWHERE else NOWHERE
    if channel == "html":
        return Ask("POST", f"/{section}/action/activate/{key}", lambda: {"_step": "run"})
    keys = [str(key)] if key == NOWHERE else [str(key), str(_beside(world, target))]
    return Ask(
        "POST",
        f"/{section}/action_post",
        lambda: {"action": "activate", "_step": "run", "rowid": keys},
    )


def _restore(section: str, channel: str, world: World, target: Target) -> Ask:
    """Bring back what was deleted: one row, or ticked ones together with a row of one's own."""
    of, rows = ("products", world.rows) if section == "trash" else (section, world.asleep)
    known = {scope: row[0] if isinstance(row, list) else row for scope, row in rows.items()}
    key = known[target.scope] if target.keys[0] != NOWHERE else NOWHERE
    if channel == "html":
        return Ask("POST", f"/trash/restore/{of}/{key}")
    chosen = world.actor is not None and world.actor.organization_id is None
    keys = {key, key if chosen else known["own"]}
    return Ask("POST", f"/trash/restore/{of}", lambda: {"rowid": [str(each) for each in keys]})


def _export(section: str, channel: str, _world: World, _target: Target) -> Ask:
    """All rows of the list, from its head or from the bar of the ticked ones."""
    data = {"_query": "tab=all", "format": "csv"} | ({} if channel == "html" else {"_all": "1"})
    return Ask("POST", f"/{section}/export", lambda: dict(data))


def _set_password(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/password/{target.keys[0]}")


def _add(section: str, _channel: str, world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/add", lambda: {**_form(section, world, target), **_forged(world, target)})


def _edit(section: str, _channel: str, world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/edit/{target.keys[0]}", lambda: _form(section, world, target))


def _delete(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/delete/{target.keys[0]}")


def _bulk(name: str, **fields: str) -> Callable[[str, str, World, Target], Ask]:
    """One row from a page; from the list, ticked together with a row of one's own."""

    def build(section: str, channel: str, world: World, target: Target) -> Ask:
        keys = target.keys[:1] if channel == "html" else (_beside(world, target), target.keys[0])
        data = {"action": name, "_step": "run", "rowid": [str(key) for key in keys]}
        chosen = {field: world.related[target.scope][related] for field, related in fields.items()}
        return Ask("POST", f"/{section}/action_post", lambda: {**data, **chosen})

    return build


def _beside(world: World, target: Target) -> int:
    """A row that the actor reaches for sure; who has chosen an organisation reaches no other's."""
    chosen = world.actor is not None and world.actor.organization_id is None
    return target.keys[1] if chosen else world.rows["own"][1]


def _result(_section: str, _channel: str, world: World, target: Target) -> Ask:
    return Ask("POST", f"/follow-ups/{target.keys[0]}/result", lambda: _result_form(world, target))


def _result_with_file(_section: str, _channel: str, world: World, target: Target) -> Ask:
    def data() -> dict[str, Any]:
        return {**_result_form(world, target), "files": (BytesIO(PDF), "فاکتور.pdf")}

    return Ask("POST", f"/follow-ups/{target.keys[0]}/result", data)


def _file(_section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("GET", f"/follow-ups/{target.keys[0]}/files/{target.file}")


def _import_file(_section: str, _channel: str, _world: World, _target: Target) -> Ask:
    text = "موبایل,کالا,تاریخ\n09121234567,K-1,1405/06/01\n".encode()
    return Ask(
        "POST",
        "/imports/add",
        lambda: {"file": (BytesIO(text), "تازه.csv"), "client_token": str(uuid4())},
    )


def _import_rows(section: str, _channel: str, _world: World, _target: Target) -> Ask:
    text = "کد,عنوان\nN-1,تازه\n" if section == "products" else "موبایل,نام\n09121234599,تازه\n"
    return Ask(
        "POST",
        f"/{section}/import",
        lambda: {"file": (BytesIO(text.encode()), "تازه.csv"), "client_token": str(uuid4())},
    )


def _take_back(_section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/imports/take-back/{target.keys[0]}")


def _own_account(_section: str, _channel: str, world: World, target: Target) -> Ask:
    return Ask("GET", _account_address(world, target))


def _edit_account(_section: str, _channel: str, world: World, target: Target) -> Ask:
    person = world.owners["own"]
    data = {"first_name": "تازه", "last_name": "تازه", "email": person.email}
    return Ask("POST", _account_address(world, target), lambda: dict(data))


def _sms(section: str, channel: str, world: World, target: Target) -> Ask:
    """One message from the menu of a row, or many: a row of a page, ticked together with one of one's own."""
    template = world.related[target.scope]["sms_template"]
    many = {"rowid": [str(target.keys[0])]}
    if channel == "action":
        many = {"rowid": [str(_beside(world, target)), str(target.keys[0])]}
    data = {**many, "_step": "run", "template": str(template), "_token": str(uuid4())}
    return Ask("POST", f"/campaigns/send/{section}", lambda: dict(data))


def _one_sms(section: str, channel: str, world: World, target: Target) -> Ask:
    asked = _sms(section, "html", world, target)
    return Ask("POST", asked.path, lambda: {**asked.data(), "_one": "1"})


def _new_campaign(_section: str, channel: str, world: World, target: Target) -> Ask:
    row = world.related[target.scope]["follow_up"]
    template = world.related[target.scope]["sms_template"]
    data = {"rowid": [str(row)], "_step": "run", "template": str(template), "_token": str(uuid4())}
    return Ask("POST", "/campaigns/send/follow-ups", lambda: dict(data))


def _cancel_campaign(_section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/campaigns/steer/{target.keys[0]}/cancel")


def _variables(section: str, channel: str, world: World, target: Target) -> Ask:
    """One's own values; of another member when his are meant."""
    return Ask("GET", f"/{section}/")


def _set_variables(section: str, channel: str, world: World, target: Target) -> Ask:
    named = target.keys[0] != NOWHERE
    owner = world.owners[target.scope].id if named else NOWHERE
    variable = world.related[target.scope]["sms_variable"]
    return Ask("POST", f"/{section}/", lambda: {"member": str(owner), f"value-{variable}": "تازه"})


def _account_address(world: World, target: Target) -> str:
    """Everybody's own account has the same address; there is none for anybody else's."""
    named = target.keys[0] != world.rows["own"][0] and world.actor is not None and world.actor.active
    return f"/account/{target.keys[0]}" if named else "/account/"


def _result_form(world: World, target: Target) -> dict[str, Any]:
    return {"result_title": world.related[target.scope]["result_title"], "note": "گفت‌وگو شد"}


def _form(section: str, world: World, target: Target) -> dict[str, Any]:
    product = world.related[target.scope]["product"]
    forms: dict[str, dict[str, Any]] = {
        "products": {"title": "دوره تازه", "code": "NEW-1", "price": "1000", "is_active": "y"},
        "result-titles": {"title": "تازه", "colour": "red", "kind": "open", "scope": "follow_up"},
        "customers": {"mobile": "09351234567", "last_name": "تازه"},
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
        "follow-ups": {"next_at": format_datetime(now() + timedelta(days=3))},
    }
    return dict(forms[section])


def _forged(world: World, target: Target) -> dict[str, Any]:
    """What an attacker adds to the form: another's name on the new row, by every name it might have."""
    if target.scope == SCOPES[0]:
        return {}
    owner, organization = world.owners[target.scope].id, world.organization_of(target.scope).id
    names = ("owner_id", "owner", "created_by_id", "created_by", "consultant", "consultant_id", "customer_id")
    return dict.fromkeys(names, owner) | {"organization_id": organization, "organization": organization}


_COMMON = {"L": _list, "V": _show, "H": _trail, "A": _add, "E": _edit, "D": _delete, "B": _bulk("remove")}
# Imports are neither added by a form of columns nor edited: their verbs are their own.
_MISSING = {("imports", verb) for verb in "AEDB"} | {("follow-ups", "A")}
_SPECIAL: dict[tuple[str, str], Callable[[str, str, World, Target], Ask]] = {
    ("follow-ups", "T"): _result,
    ("follow-ups", "U"): _result_with_file,
    ("follow-ups", "W"): _file,
    ("follow-ups", "G"): _bulk("reassign", member="member"),
    ("orders", "G"): _bulk("assign", member="member"),
    ("imports", "I"): _import_file,
    ("customers", "I"): _import_rows,
    ("products", "I"): _import_rows,
    ("imports", "C"): _take_back,
    ("account", "V"): _own_account,
    ("account", "E"): _edit_account,
    ("members", "P"): _set_password,
    **{(each, "X"): _export for each in ("customers", "follow-ups", "orders", "audit", "sent-sms")},
    **{
        (each, "R"): _restore
        for each in (
            "trash",
            "products",
            "result-titles",
            "customers",
            "orders",
            "follow-ups",
            "sms-templates",
        )
    },
    ("trash", "L"): lambda *_: Ask("GET", "/trash/?tab=products"),
    ("follow-ups", "N"): _sms,
    ("follow-ups", "M"): _one_sms,
    ("customers", "M"): _one_sms,
    ("campaigns", "A"): _new_campaign,
    ("campaigns", "C"): _cancel_campaign,
    ("settings/sms-variables", "E"): _set_variables,
    ("members", "R"): _wake,
    ("organizations", "R"): _wake,
}
