"""Charts of the server have the proportions of their values; without values there is no chart."""

from datetime import date, timedelta

import pytest

from app.lib.persian import persian_digits
from app.panel.charts import day_chart, spark_bars, spark_line

FIRST = date(2026, 11, 1)


def days(count):
    return [FIRST + timedelta(days=number) for number in range(count)]


def chart(counts, shown):
    return day_chart(days(shown), counts, [10 * each for each in counts], lambda day: f"/rows/{day}")


class TestSpark:
    def test_bars_are_as_high_as_their_values(self):
        bars = spark_bars([0, 1, 2, 4]).bars

        assert [bar.height for bar in bars] == [0, 7, 14, 28]
        assert [bar.is_last for bar in bars] == [False, False, False, True]
        assert all(bar.y + bar.height == 30 for bar in bars)
        assert bars[-1].x + bars[-1].width <= 88

    @pytest.mark.parametrize("values", [[], [0, 0, 0]])
    def test_nothing_has_no_bars(self, values):
        assert spark_bars(values) is None

    def test_a_line_leaves_unknown_values_out(self):
        points = spark_line([0.5, None, 1.0, 0.0]).points

        assert [y for _x, y in points] == [14.0, 2.0, 26.0]
        assert [x for x, _y in points] == [2.0, 58.0, 86.0]
        assert spark_line([None, 0.5]) is None
        assert spark_line([0.5, 0.5]).points[0][1] == 26.0


class TestDays:
    def test_the_mean_reads_the_days_before_too(self):
        drawn = chart([7, 0, 0, 0, 0, 0, 0, 7], 2)

        assert [day.count for day in drawn.days] == [0, 7]
        assert [day.mean for day in drawn.days] == [persian_digits("1٫0"), persian_digits("1٫0")]
        assert [day.amount for day in drawn.days] == [0, 70]

    @pytest.mark.parametrize(
        ("most", "axis"),
        [
            (1, (1, 0)),
            (4, (4, 3, 2, 1, 0)),
            (6, (6, 4, 2, 0)),
            (13, (15, 10, 5, 0)),
            (480, (500, 400, 300, 200, 100, 0)),
        ],
    )
    def test_the_axis_has_round_steps(self, most, axis):
        drawn = chart([0, most], 2)

        assert drawn.axis == axis
        assert drawn.days[1].height == round(100 * most / axis[0], 2)

    def test_days_without_rows_are_no_links(self):
        drawn = chart([0, 3], 2)

        assert [day.url for day in drawn.days] == [None, f"/rows/{days(2)[1]}"]

    def test_ticks_stand_on_saturdays_and_the_first_of_a_month(self):
        ticks = [(day.tick, day.month) for day in chart([1] * 30, 30).days]

        # 2026-11-01 is 10 Aban 1405, a Sunday.
        assert ticks[0] == ("۱۰", "آبان")
        assert ticks[6] == ("۱۶", "")
        assert ticks[21] == ("۱", "آذر")
        assert ticks[1] == ("", "")
        assert ticks[-1] == ("۹", "")

    def test_nothing_has_no_chart(self):
        assert chart([5, 0, 0], 2) is None
