"""How much of a page comes over the wire on a first visit."""

from __future__ import annotations

from playwright.sync_api import Page


def watch_wire(page: Page) -> dict[str, float]:
    """The bytes of each address that *page* loads from now on, without its cache.

    An address that is asked for twice counts once: the second time a browser with a cache has it already.
    """
    addresses: dict[str, str] = {}
    received: dict[str, float] = {}

    def finished(event: dict[str, str | float]) -> None:
        address = addresses[str(event["requestId"])]
        received[address] = max(received.get(address, 0), float(event["encodedDataLength"]))

    session = page.context.new_cdp_session(page)
    session.on(
        "Network.requestWillBeSent",
        lambda event: addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return received
