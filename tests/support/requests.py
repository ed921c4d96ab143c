"""What each verb of the permission matrix is on the wire, for each section that stands."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

from tests.support.api_requests import TRACE, api_request, buyer_of
from tests.support.asks import NOWHERE, Ask, Target, beside
from tests.support.attached import PDF
from tests.support.customer_requests import erase, merge, undo_merge
from tests.support.form_values import forged, form_of, result_form
from tests.support.sms_requests import cancel_campaign, new_campaign, send_one_sms, send_sms
from tests.support.thread_requests import (
    add_message,
    add_ticket,
    answer_with_file,
    assign_ticket,
    close_thread,
)
from tests.support.world import World

HTMX = {"HX-Request": "true"}


def ask_for(section: str, verb: str, channel: str, world: World, target: Target) -> Ask | None:
    """The request of a cell; None where the product has no such address yet."""
    if channel == "api" and verb not in _ACTS:
        return api_request(section, verb, world, target)
    build = _SPECIAL.get((section, verb)) or (_COMMON.get(verb) if (section, verb) not in _MISSING else None)
    ask = build(section, channel, world, target) if build else None
    if ask is None:
        return None
    headers = {"X-Request-ID": TRACE, **(HTMX if channel == "ajax" else {}), **ask.headers}
    return Ask(ask.method, ask.path, ask.data, headers)


def _list(section: str, _channel: str, _world: World, _target: Target) -> Ask:
    return Ask("GET", f"/{section}/" + ("?tab=all" if section in {"follow-ups", "support", "tasks"} else ""))


def _show(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("GET", f"/{section}/show/{target.keys[0]}")


def _trail(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("GET", f"/{section}/trail/{target.keys[0]}")


def _wake(section: str, channel: str, world: World, target: Target) -> Ask:
    """Switch on again what was switched off."""
    key = world.asleep[target.scope] if target.keys[0] != NOWHERE else NOWHERE
    if channel == "html":
        return Ask("POST", f"/{section}/action/activate/{key}", lambda: {"_step": "run"})
    keys = [str(key)] if key == NOWHERE else [str(key), str(beside(world, target))]
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
    return Ask(
        "POST", f"/{section}/add", lambda: {**form_of(section, world, target), **forged(world, target)}
    )


def _add_sale(section: str, _channel: str, world: World, target: Target) -> Ask:
    line = {"items-0-product": world.related[target.scope]["product"], "items-0-quantity": "2"}
    data = {**buyer_of(world, target), **line}
    return Ask("POST", f"/{section}/add", lambda: {**data, **forged(world, target)})


def _edit(section: str, _channel: str, world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/edit/{target.keys[0]}", lambda: form_of(section, world, target))


def _delete(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/delete/{target.keys[0]}")


def _bulk(name: str, **fields: str) -> Callable[[str, str, World, Target], Ask]:
    """One row from a page; from the list, ticked together with a row of one's own."""

    def build(section: str, channel: str, world: World, target: Target) -> Ask:
        keys = target.keys[:1] if channel == "html" else (beside(world, target), target.keys[0])
        data = {"action": name, "_step": "run", "rowid": [str(key) for key in keys]}
        chosen = {field: world.related[target.scope][related] for field, related in fields.items()}
        return Ask("POST", f"/{section}/action_post", lambda: {**data, **chosen})

    return build


def _result(section: str, _channel: str, world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/{target.keys[0]}/result", lambda: result_form(section, world, target))


def _result_with_file(section: str, _channel: str, world: World, target: Target) -> Ask:
    def data() -> dict[str, Any]:
        return {**result_form(section, world, target), "files": (BytesIO(PDF), "فاکتور.pdf")}

    return Ask("POST", f"/{section}/{target.keys[0]}/result", data)


def _file(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("GET", f"/{section}/{target.keys[0]}/files/{target.file}")


def _verify(_section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/transactions/action/verify/{target.keys[0]}", lambda: {"_step": "run"})


def _upload(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask(
        "POST", f"/{section}/{target.keys[0]}/files/add", lambda: {"files": (BytesIO(PDF), "رسید.pdf")}
    )


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


def _decide(section: str, _channel: str, _world: World, target: Target) -> Ask:
    """A repeated order is said to be none."""
    return Ask("POST", f"/{section}/action/not_repeat/{target.keys[0]}", lambda: {"_step": "run"})


def _move(section: str, _channel: str, _world: World, target: Target) -> Ask:
    return Ask("POST", f"/{section}/{target.keys[0]}/move", lambda: {"to": "doing"})


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


_COMMON = {"L": _list, "V": _show, "H": _trail, "A": _add, "E": _edit, "D": _delete, "B": _bulk("remove")}
# What REST does besides storing rows.
_ACTS = frozenset("JZF")
# Imports are neither added by a form of columns nor edited: their verbs are their own.
_MISSING = {("imports", verb) for verb in "AEDB"} | {("follow-ups", "A")}
_SPECIAL: dict[tuple[str, str], Callable[[str, str, World, Target], Ask]] = {
    **{
        (each, verb): ask
        for each in ("follow-ups", "support")
        for verb, ask in (("T", _result), ("U", _result_with_file), ("W", _file))
    },
    ("dossiers", "U"): _upload,
    ("sales", "A"): _add_sale,
    ("dossiers", "W"): _file,
    ("follow-ups", "G"): _bulk("reassign", member="member"),
    # The edit of a payment is its verification.
    ("transactions", "E"): _verify,
    ("transactions", "U"): _upload,
    ("transactions", "W"): _file,
    ("orders", "G"): _bulk("assign", member="member"),
    ("customers", "G"): _bulk("reassign", member="member"),
    ("tasks", "K"): _move,
    ("tasks", "G"): _bulk("assign", owner="member"),
    ("messages", "A"): add_message,
    ("messages", "U"): answer_with_file,
    ("messages", "W"): _file,
    ("messages", "C"): close_thread,
    ("tickets", "A"): add_ticket,
    ("tickets", "U"): answer_with_file,
    ("tickets", "W"): _file,
    ("tickets", "C"): close_thread,
    ("tickets", "G"): assign_ticket,
    ("customers", "J"): merge,
    ("customers", "Z"): undo_merge,
    ("customers", "F"): erase,
    ("imports", "I"): _import_file,
    # A file of orders is read by the section of imports. Follow-ups have no import: one begins when its order is assigned.
    ("orders", "I"): _import_file,
    ("customers", "I"): _import_rows,
    ("products", "I"): _import_rows,
    ("imports", "C"): _take_back,
    ("account", "V"): _own_account,
    ("account", "E"): _edit_account,
    ("members", "P"): _set_password,
    **{
        (each, "X"): _export
        for each in (
            "customers",
            "follow-ups",
            "orders",
            "repeated-orders",
            "sales",
            "support",
            "audit",
            "sent-sms",
            "reports/final-sales",
            "reports/overall",
        )
    },
    **{
        (each, "R"): _restore
        for each in (
            "trash",
            "products",
            "result-titles",
            "customers",
            "dossiers",
            "orders",
            "follow-ups",
            "sales",
            "sms-templates",
        )
    },
    ("trash", "L"): lambda *_: Ask("GET", "/trash/?tab=products"),
    ("follow-ups", "N"): send_sms,
    ("follow-ups", "M"): send_one_sms,
    ("customers", "M"): send_one_sms,
    ("campaigns", "A"): new_campaign,
    ("campaigns", "C"): cancel_campaign,
    ("repeated-orders", "C"): _decide,
    ("settings/sms-variables", "E"): _set_variables,
    ("members", "R"): _wake,
    ("organizations", "R"): _wake,
}
