"""What the tests of filters share."""

import re


def found(browser, address):
    """The keys of the rows that the list at *address* shows."""
    answer = browser.get(address)
    assert answer.status_code == 200
    return {int(key) for key in re.findall(r'data-pk="(\d+)"', answer.text)}
