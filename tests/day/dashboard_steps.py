"""Steps of the tests of the dashboard."""

import re
from datetime import timedelta
from html import unescape

HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)


def number(page, label):
    """The number of a card."""
    found = re.search(rf'kpi-label">{label}.*?kpi-number">([^<]*)<', page, re.DOTALL)
    return found[1].strip()


def link(page, label):
    """The address of a card."""
    found = re.search(rf'<a class="kpi" href="([^"]*)">\s*<span class="kpi-label">{label}', page)
    return unescape(found[1]) if found else None


def rows(page):
    return len(re.findall(r'<tr[^>]* data-pk="', page))
