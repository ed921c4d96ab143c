"""Shares are rounded half up, once."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from app.panel.report.shares import percents, tenths


@pytest.mark.parametrize(
    ("part", "whole"), [(1, 16), (1, 8), (249, 2_000), (1, 3), (2, 3), (0, 7), (7, 7), (9, 4), (1, 2_000)]
)
def test_a_share_is_the_nearest_one(part, whole):
    exact = Decimal(100 * part) / whole
    assert Decimal(tenths(part, whole)) / 10 == exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert percents(part, whole) == exact.quantize(Decimal(1), ROUND_HALF_UP)
