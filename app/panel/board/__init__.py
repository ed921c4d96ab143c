"""The word `board` of a declaration: rows as cards in columns."""

from app.panel.board.declaration import Board, CardParts, Lane

__all__ = ["Board", "CardParts", "Lane"]
