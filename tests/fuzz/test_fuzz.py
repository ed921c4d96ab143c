"""The fuzzer itself: it finds an error that is not the parser's own, and each target runs."""

import pytest
from hypothesis import strategies as st

from tests.fuzz.__main__ import main
from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS, Target


def fails_for_seven(value):
    if value == 7:
        raise KeyError(value)
    if value > 7:
        raise ValueError(value)


def test_an_error_of_the_parser_is_an_answer_and_any_other_is_found():
    values = st.integers(0, 20)

    assert fuzz(Target(st.integers(8, 20), fails_for_seven, (ValueError,)), 0.01) > 0
    with pytest.raises(KeyError):
        fuzz(Target(values, fails_for_seven, (ValueError,)), 5)


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_takes_its_seeds(name):
    assert fuzz(TARGETS[name], 0) == len(TARGETS[name].seeds)


def test_an_unknown_target_is_named(capsys):
    assert main(0, ["nothing"]) == 2
    assert "nothing" in capsys.readouterr().err
