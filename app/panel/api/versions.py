"""The version of a row in REST: its ETag, and the version that a request names with If-Match."""

from __future__ import annotations

import re

from flask import request

from app.panel.api.errors import Problem
from app.panel.api.patterns import ETAGS
from app.panel.forms.locking import version_of
from models.base import Row


def etag(row: Row) -> str:
    return f"{row.id}-{version_of(row)}"


def check_version_header() -> None:
    """Raise `Problem` unless If-Match has the form of versions."""
    if not re.fullmatch(ETAGS["pattern"], request.headers.get("If-Match", "")):
        raise Problem(428)


def refuse_other_version(row: Row) -> None:
    """Raise `Problem` unless If-Match names the version of *row*."""
    named, own = request.if_match, etag(row)
    # What compresses an answer adds its name to the version («"7-2:gzip"», «"7-2-gzip"»); some proxies make it weak.
    compressed = (f"{own}:", f"{own}-")
    # Werkzeug reads an empty version as None.
    versions = [each or "" for each in named.as_set(include_weak=True)]
    is_named = any(each == own or each.startswith(compressed) for each in versions)
    if not (named.star_tag or is_named):
        raise Problem(412)
