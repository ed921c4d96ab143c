"""Counts each request by its group, and answers 429 to those above the limit."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.gateways.rate_store import RateStore
from app.lib.persian import persian_digits
from app.panel.api.errors import Problem, answer_problem, is_rest
from app.panel.errors.page import error_answer, texts
from app.panel.errors.resubmission import readable, resubmittable_fields
from app.panel.rates.groups import UNCOUNTED, Group, group_of

TOO_MANY = 429
_STORE = "rate_store"
# The users of an office share one address.
_OF_ADDRESS = 5


def init_rates(app: Flask) -> None:
    """Count requests; call it after the hooks that find out the member."""
    # Pages ask for news so often that a request to Redis would cost more than the answer.
    apart = [Group.NEWS.value]
    app.extensions[_STORE] = RateStore(app.config["RATES_URL"], app.config["RATES"], apart=apart)
    app.before_request(_refuse_above_limit)


def rate_store() -> RateStore:
    store: RateStore = current_app.extensions[_STORE]
    return store


def _refuse_above_limit() -> Any:
    if not current_app.config["LIMITS"]:
        return None
    route = current_app.view_functions.get(request.endpoint or "")
    group = group_of(route, request.method)
    if group in UNCOUNTED or (request.endpoint or "").rpartition(".")[2] == "static":
        return None
    seconds = seconds_to_wait(group, *_requester(group))
    return _refusal(seconds) if seconds else None


def seconds_to_wait(group: Group, key: str, more: int = 1) -> int:
    """Count a request of *key*; 0 where it is allowed. *more* multiplies the limit of the group."""
    times = current_app.config["LIMITS"]
    return rate_store().seconds_to_wait(group.value, key, int(times) * more) if times else 0


def _requester(group: Group) -> tuple[str, int]:
    """The key by which to count, and a factor for the limit."""
    if group is Group.WEBHOOK:
        # With the address: other senders can't use up the limit of a provider.
        return f"{(request.view_args or {}).get('provider')} {request.remote_addr}", 1
    if current_user.is_authenticated:
        return f"member {current_user.id}", 1
    return f"address {request.remote_addr}", _OF_ADDRESS


def _refusal(seconds: int) -> Response:
    """A page, a problem of REST or a toast; a page has the submitted form, to be sent again."""
    number = persian_digits(seconds)
    sentence = _("There are too many requests; try again in %(seconds)s seconds.", seconds=number)
    if is_rest():
        response = answer_problem(Problem(TOO_MANY, sentence))
    else:
        fields = resubmittable_fields() if request.method == "POST" else []
        response = error_answer(
            TOO_MANY, texts(TOO_MANY)[0], sentence, written=fields, shown=readable(fields)
        )
    response.headers["Retry-After"] = str(seconds)
    return response
