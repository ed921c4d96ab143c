"""What the scanners attack: the lists with all their arguments, and the forms, as a logged-in person sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from tests.support.stack import Visitor

PASSWORD = "ava-demo-7"
# Arguments of every list that stand in links and not in its form of filters.
LIST_ARGUMENTS = {"q": "1", "sort": "id", "page": "1", "size": "25"}
# What would end the scan's own session, or shut its person out.
AWAY = ("logout", "account/password", "account/sessions", "account/two-step", "members", "confirm")


@dataclass(frozen=True)
class Target:
    """One address for sqlmap; *data* makes it a POST."""

    path: str
    data: dict[str, str] = field(default_factory=dict)

    @property
    def encoded(self) -> str:
        return urlencode(self.data)


@dataclass
class Attacker:
    """A person of the demo, logged in over HTTP, and the cookie that proves it."""

    name: str
    visitor: Visitor
    jar: CookieJar

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    @property
    def is_in(self) -> bool:
        self.visitor.get("/account/")
        return self.visitor.path.startswith("/account/")


def stranger(base: str) -> Attacker:
    """Somebody who has only opened the login page, hence has a token for its form."""
    jar = CookieJar()
    visitor = Visitor(base, build_opener(HTTPCookieProcessor(jar)))
    visitor.get("/login/")
    return Attacker("stranger", visitor, jar)


def attacker(base: str, name: str) -> Attacker:
    person = stranger(base)
    person.visitor.post("/login/", username=name, password=PASSWORD)
    person.name = name
    if not person.is_in:
        raise RuntimeError(f"{name} can't log in")
    return person


def lists(person: Attacker) -> Iterator[Target]:
    """Every list in the menu, with its filters and the arguments of its links."""
    home = person.visitor.get("/follow-ups/?tab=all")
    for path in sorted(set(re.findall(r'href="(/[a-z-]+/)"', home))):
        if path == "/account/":
            continue
        page = person.visitor.get(path)
        # Empty ones narrow nothing, so that there are rows which a forged condition could take away.
        filters = dict.fromkeys(re.findall(r'name="(f_[^"]+)"', page), "")
        sorts = re.findall(r"sort=-?(\w+)", page)
        arguments = LIST_ARGUMENTS | ({"sort": sorts[0]} if sorts else {}) | filters
        tabs = {"tab": "all"} if "tab=all" in page else {}
        yield Target(f"{path}?{urlencode(tabs | arguments)}")


def forms(person: Attacker) -> Iterator[Target]:
    """The forms that write most, filled in as the page asks, and a search by typing."""
    yield Target("/orders/lookup/product?q=a")
    product = _first(person, "/orders/lookup/product", r'"value":\s*"?(\d+)')
    order = {"mobile": "09121234567", "product": product, "quantity": "1", "note": "a", "last_name": "a"}
    yield _form(person, "/orders/add", order)
    yield _form(person, "/customers/add", {"mobile": "09351234567", "first_name": "a", "note": "a"})
    row = _first(person, "/follow-ups/?tab=all", r"/follow-ups/(\d+)/panel")
    person.visitor.get(f"/follow-ups/{row}/panel")
    title = re.search(r'name="result_title" value="(\d+)">', person.visitor.text)
    result = {"result_title": title[1] if title else "1", "note": "a", "next_at": ""}
    yield _form(person, f"/follow-ups/{row}/result", result, page=f"/follow-ups/{row}/panel")
    batch = {"action": "remove", "_step": "ask", "rowid": row}
    yield _form(person, "/follow-ups/action_post", batch, page="/follow-ups/?tab=all")


def doors(person: Attacker) -> Iterator[Target]:
    """The forms of who is not logged in."""
    yield _form(person, "/login/?next=%2F", {"username": "a", "password": "a"})
    yield _form(person, "/forgot-password/", {"email": "a@example.ir"})


def _form(person: Attacker, path: str, data: dict[str, str], page: str = "") -> Target:
    person.visitor.get(page or path)
    token = person.visitor.hidden("csrf_token")
    nonce = person.visitor.hidden("_nonce")
    return Target(path, data | {"csrf_token": token} | ({"_nonce": nonce} if nonce else {}))


def _first(person: Attacker, path: str, pattern: str) -> str:
    found = re.search(pattern, person.visitor.get(path))
    if found is None:
        raise RuntimeError(f"nothing like {pattern} at {path}")
    return found[1]
