"""`board` and times of the day as words of the engine, on a section that is not the product's; their wrong declarations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.panel.board import Board, CardParts, Lane
from models.result_title import ResultKind
from models.task import TaskStatus
from tests.panel.check.steps import problems
from tests.support.plugin_runs import assert_passes
from views.day.task.section import Tasks
from views.organization.product import Products

BOARD = Tasks.board


def test_rows_are_cards_that_are_moved(app, request):
    assert_passes(request, "tests.support.kits.plugin", "tests/support/kits/board_cases.py")


@pytest.mark.parametrize(
    ("board", "word", "name"),
    [
        (replace(BOARD, by="statuss"), "board.by", "statuss"),
        (replace(BOARD, by="title"), "board.by", "title"),
        (replace(BOARD, order="place"), "board.order", "place"),
        (replace(BOARD, right="shift"), "board.right", "shift"),
        (replace(BOARD, card=CardParts("titel")), "board.card", "titel"),
        (replace(BOARD, card=CardParts("title", link="due_on")), "board.card", "due_on"),
        (replace(BOARD, lanes={ResultKind.WON: Lane()}), "board.lanes", "won"),
        (replace(BOARD, lanes={TaskStatus.TODO: Lane("no-such-icon")}), "board.lanes", "no-such-icon"),
        (replace(BOARD, lanes={TaskStatus.TODO: Lane(colour="pink")}), "board.lanes", "pink"),
        ("status", "board", "'status'"),
    ],
)
def test_a_wrong_board_stops_the_start(app, board, word, name):
    assert [(each.word, each.name) for each in problems(Tasks, board=board)] == [(word, name)]


def test_a_board_needs_cards(app):
    found = problems(Products, board=Board(by="code", card=CardParts("title")))

    assert ("board.by", "code") in [(each.word, each.name) for each in found]


def test_the_declared_board_has_no_problems(app):
    assert problems(Tasks) == []
