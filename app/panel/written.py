"""What somebody wrote in a form that could not be taken, for a page that sends it once more."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import request

# Never comes back in a page: the form asks for it again.
_SECRET = re.compile(r"password|present|again|code|secret|key|csrf_token", re.IGNORECASE)


def what_was_written() -> list[tuple[str, str]]:
    """The fields of the request but for secrets and files; none when another site sent them in somebody's name."""
    sender = request.headers.get("Origin") or request.referrer or ""
    if urlsplit(sender).netloc != request.host:
        return []
    return [pair for pair in request.form.items(multi=True) if not _SECRET.search(pair[0])]
