"""What the tests of tables share."""

import re

HEADINGS = re.compile(r'<th scope="col" class="cell-(?!menu)[^>]*>\s*(?:<a [^>]*>)?([^<]+)')


def headings(page: str) -> list[str]:
    return [words.strip() for words in HEADINGS.findall(page)]


def rows(page: str) -> int:
    return len(re.findall(r"<tr [^>]*data-pk", page))
