"""Rows that are the cards of a board."""
