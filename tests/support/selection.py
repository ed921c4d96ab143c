"""Which of the collected tests run, and in which order."""

from __future__ import annotations

import pytest


def choose(items: list[pytest.Item], database: str, *, quick: bool) -> list[pytest.Item]:
    """What needs no database runs once, with SQLite; what needs PostgreSQL runs there."""
    chosen = [item for item in items if _belongs(item, on_postgresql=database == "postgresql")]
    return [item for item in chosen if _is_quick(item)] if quick else chosen


def _belongs(item: pytest.Item, *, on_postgresql: bool) -> bool:
    if item.get_closest_marker("postgresql"):
        return on_postgresql
    return not on_postgresql or "app" in getattr(item, "fixturenames", ())


def _is_quick(item: pytest.Item) -> bool:
    needs_more = {"app", "tmp_path_factory"} & set(getattr(item, "fixturenames", ()))
    is_slow = any(map(item.get_closest_marker, ("browser", "processes", "postgresql")))
    return bool(item.get_closest_marker("smoke")) or not (needs_more or is_slow)


def in_order_of_waiting(items: list[pytest.Item]) -> list[pytest.Item]:
    """Two workers begin with a half each: one with what waits for a browser, the other with what waits for processes.

    What they take from the end of the other's half later is short.
    """
    browser = [item for item in items if item.get_closest_marker("browser")]
    processes = [item for item in items if item.get_closest_marker("processes")]
    waiting = {id(item) for item in (*browser, *processes)}
    others = [item for item in items if id(item) not in waiting]
    middle = max(0, len(items) // 2 - len(browser))
    return [*browser, *others[:middle], *processes, *others[middle:]]
