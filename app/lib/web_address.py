"""Reading of addresses that a request brings."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def split_address(address: str) -> SplitResult:
    """The parts of *address*; empty ones for what is no address, such as ``https://[``."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")
