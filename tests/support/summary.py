"""What the run says of the permission matrix: cells that were run, and why others were left out."""

from __future__ import annotations

from collections import Counter
from typing import Any


def write_cells(terminal: Any) -> None:
    """One line for the cells that ran, one for each reason that left some out."""
    reports = [each for kind in ("passed", "failed") for each in terminal.stats.get(kind, [])]
    counted = [value for report in reports for name, value in report.user_properties if name == "cells"]
    if not counted:
        return
    passed, failed = sum(each[0] for each in counted), sum(each[1] for each in counted)
    terminal.section("permission matrix")
    terminal.write_line(f"{passed + failed} cells run, {passed} as the matrix says, {failed} not")
    left_out: Counter[str] = Counter()
    for each in counted:
        left_out.update(each[2])
    for reason, count in left_out.most_common():
        terminal.write_line(f"{count:5} left out: {reason}")
