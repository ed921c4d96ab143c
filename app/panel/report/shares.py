"""Shares in whole numbers, so that they are rounded alike everywhere."""

from __future__ import annotations


def tenths(part: int, whole: int) -> int:
    """The share in tenths of a percent, rounded half up."""
    return (2_000 * part + whole) // (2 * whole)


def percents(part: int, whole: int) -> int:
    """The share in whole percent, rounded half up; from tenths it would be rounded twice."""
    return (200 * part + whole) // (2 * whole)
