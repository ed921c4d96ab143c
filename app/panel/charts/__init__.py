"""Charts that the server draws as SVG, without scripts: spark lines, bars of days, bars of shares."""

from app.panel.charts.days import Day, DayChart, day_chart
from app.panel.charts.spark import Spark, spark_bars, spark_line

__all__ = ["Day", "DayChart", "Spark", "day_chart", "spark_bars", "spark_line"]
