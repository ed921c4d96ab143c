"""Every finding of the stack has a test with its name, or a line that says why not."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
FINDINGS = {
    *(f"F-{number:02}" for number in range(1, 35)),
    *(f"A-{number:02}" for number in range(1, 10)),
    *(f"T-{number:02}" for number in range(1, 27)),
}
# Why no test is possible.
CLOSED_OTHERWISE: dict[str, str] = {}


def named_by_tests():
    """The findings named by tests: test_f01_…, test_t22_t23_t24_…."""
    found = set()
    for path in TESTS.rglob("test_findings*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                head = re.match(r"test((?:_[fat]\d\d)+)_", node.name)
                parts = head[1].strip("_").split("_") if head else []
                found |= {f"{part[0].upper()}-{part[1:]}" for part in parts}
    return found


def test_every_finding_is_tested_or_says_why_not():
    named = named_by_tests()

    assert FINDINGS - named - CLOSED_OTHERWISE.keys() == set()
    assert named - FINDINGS == set()


def test_nothing_is_called_open_that_has_a_test():
    assert named_by_tests() & CLOSED_OTHERWISE.keys() == set()
