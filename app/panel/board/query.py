"""The statements that read the cards of a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, select, union_all
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.panel.board.declaration import Board
from app.panel.declaration import Declaration
from app.panel.lists.list_query import ListQuery
from app.panel.lists.page import always_loaded
from app.panel.queries import cursor
from app.panel.queries.arguments import page_number
from app.panel.queries.counts import (
    COUNT_CAP,
    Counts,
    Question,
    counted,
    entity_of,
    inline_limit,
    not_deleted,
)
from app.panel.queries.fetch import fetch_page
from app.panel.queries.projection import Projection, projection_of
from models.types import Choice

# The cards of a column that a page shows first, and that each further request adds.
LANE_SIZE, OVER_SIZE = 50, 10
# A board that is loaded again shows at most so many cards of a column at once.
MOST_SHOWN = 500
SHOWN = "shown_"


class LaneCards(NamedTuple):
    """The cards of a column from its beginning, and whether further ones follow."""

    rows: Sequence[Any]
    has_more: bool


def members_of(section: Declaration, board: Board) -> list[Choice]:
    """The columns of the board: the members of its `Choice`, in their order."""
    return list(getattr(section.model, board.by).type.enum_class)


def member_called(section: Declaration, board: Board, value: str) -> Choice | None:
    return next((each for each in members_of(section, board) if each.value == value), None)


def size_of(board: Board, lane: Choice) -> int:
    return OVER_SIZE if board.lane(lane).is_over else LANE_SIZE


def shown_sizes(
    board: Board, lanes: Sequence[Choice], arguments: MultiDict[str, str]
) -> tuple[tuple[Choice, int], ...]:
    """How many cards of each column the page shows: as many as the reader had loaded, in whole pages."""
    sizes = []
    for lane in lanes:
        page = size_of(board, lane)
        wanted = page_number(arguments.get(f"{SHOWN}{lane.value}", ""), most=MOST_SHOWN)
        sizes.append((lane, min(-(-wanted // page) * page, MOST_SHOWN)))
    return tuple(sizes)


def place_of(section: Declaration, board: Board) -> cursor.Ordering:
    """The order of the cards in a column."""
    attribute = getattr(section.model, board.order)
    return cursor.Ordering(attribute, section.model.id, descending=False, nullable=False)


def board_projection(section: Declaration, board: Board) -> Projection:
    paths = board.card.paths
    displays = [section.displays[path] for path in paths if path in section.displays]
    read = [name for display in displays for name in display.reads]
    return projection_of(section.model, (*paths, *read, board.by, board.order, *always_loaded(section)))


def read_lanes(
    section: Declaration,
    board: Board,
    query: ListQuery,
    sizes: tuple[tuple[Choice, int], ...],
    counts: Counts,
) -> Mapping[Choice, LaneCards]:
    """The first cards of all columns in one statement, which counts too."""
    projection, questions = board_projection(section, board), counts.questions
    statement = _all_lanes(query.template, projection, _columns(section, board), sizes, questions)
    found = db.session.execute(
        statement, dict(query.parameters), execution_options={"with_deleted": True}
    ).all()
    if found and questions:
        counts.take([getattr(found[0], f"answer_{number}") for number in range(len(questions))])
    cards: dict[Choice, list[Any]] = {lane: [] for lane, _size in sizes}
    for row in projection.build(found):
        cards[getattr(row, board.by)].append(row)
    return {lane: LaneCards(cards[lane][:size], len(cards[lane]) > size) for lane, size in sizes}


def read_further(
    section: Declaration, board: Board, query: ListQuery, lane: Choice, arguments: MultiDict[str, str]
) -> LaneCards:
    """The cards of a column after the one that the address names."""
    order = place_of(section, board)
    place = cursor.read_cursor(arguments, order)
    found = fetch_page(
        _of_lane(query.template, getattr(section.model, board.by), lane),
        board_projection(section, board),
        order,
        cursor.Cursor(place.anchor),
        size=LANE_SIZE,
        total=COUNT_CAP + 1,
        values=query.parameters,
    )
    return LaneCards(found.rows, found.has_next)


def lane_statement(section: Declaration, board: Board, query: ListQuery, lane: Choice) -> Select[Any]:
    """The rows of a column, for its count."""
    return _of_lane(query.template, getattr(section.model, board.by), lane)


def _columns(section: Declaration, board: Board) -> tuple[Any, Any]:
    """The columns with the lane and with the place of a card."""
    return getattr(section.model, board.by), getattr(section.model, board.order)


@lru_cache(maxsize=500)
def _of_lane(template: Select[Any], attribute: Any, lane: Choice) -> Select[Any]:
    return template.where(attribute == lane)


@lru_cache(maxsize=500)
def _all_lanes(
    template: Select[Any],
    projection: Projection,
    columns: tuple[Any, Any],
    sizes: tuple[tuple[Choice, int], ...],
    questions: tuple[Question, ...],
) -> Select[Any]:
    """The first cards of each column and one more; each column is one range of an index."""
    entity, parts = entity_of(template), []
    attribute, place = columns
    order = (place, entity.id)
    for lane, size in sizes:
        rows = not_deleted(_of_lane(template, attribute, lane)).with_only_columns(entity.id)
        keys = rows.order_by(None).order_by(*order).limit(inline_limit(size + 1)).subquery()
        parts.append(select(keys.c.id))
    cards = projection.select(union_all(*parts).subquery()).order_by(*order)
    return cards.add_columns(
        *(counted(each).label(f"answer_{number}") for number, each in enumerate(questions))
    )
