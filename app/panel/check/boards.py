"""The check of a section's board: its columns, what a card shows, and the right to move cards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect

from app.panel.board import Board
from app.panel.check.paths import Missing, PathKind, resolve
from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.columns import Kind, kind_of
from app.panel.layout.assets import has_icon
from models.base import Versioned
from models.boards.card import BoardCard
from models.types import COLOURS


def problems_of_board(section: Any) -> Iterator[DeclarationProblem]:
    where, board = type(section).__name__, section.board
    if board is None:
        return
    if not isinstance(board, Board):
        yield DeclarationProblem(where, "board", repr(board), "is no Board")
        return
    for word, name, reason, better in (*_columns(section, board), *_parts(section, board)):
        yield DeclarationProblem(where, f"board.{word}", name, reason, better)


_Problem = tuple[str, str, str, str | None]


def _columns(section: Any, board: Board) -> Iterator[_Problem]:
    model = section.model
    columns = inspect(model).column_attrs
    if not (issubclass(model, BoardCard) and issubclass(model, Versioned)):
        yield "by", board.by, f"needs {model.__name__} to be a BoardCard and Versioned", None
        return
    if board.order not in columns:
        yield "order", board.order, "is no column of the model", nearest(board.order, columns.keys())
    if board.by not in columns or kind_of(columns[board.by].columns[0].type) is not Kind.CHOICE:
        chosen = [key for key, each in columns.items() if kind_of(each.columns[0].type) is Kind.CHOICE]
        yield "by", board.by, "is no column with a Choice", nearest(board.by, chosen)
        return
    if model.__lane__ != board.by:
        yield "by", board.by, f"differs from {model.__name__}.__lane__", model.__lane__
    yield from _lanes(board, set(columns[board.by].columns[0].type.enum_class))
    given = {each.removeprefix("can_") for each in section.all_permissions()}
    if board.right not in given:
        yield "right", board.right, "is no right that `roles` give", nearest(board.right, given)


def _lanes(board: Board, members: set[Any]) -> Iterator[_Problem]:
    for member, lane in board.lanes.items():
        for each in (member, *([lane.tick] if lane.tick is not None else [])):
            if each not in members:
                yield "lanes", str(getattr(each, "value", each)), "is no member of the Choice", None
        if not has_icon(lane.icon):
            yield "lanes", lane.icon, "is no icon", None
        if lane.colour not in COLOURS:
            yield "lanes", lane.colour, "is no colour", nearest(lane.colour, COLOURS)


def _parts(section: Any, board: Board) -> Iterator[_Problem]:
    for path in board.card.paths:
        found = resolve(section.model, path)
        if isinstance(found, Missing):
            yield "card", path, found.reason, found.nearest
        elif path in {board.card.link, board.card.who} and found.kind is not PathKind.RELATION:
            yield "card", path, "is no relation", None
