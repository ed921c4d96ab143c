"""Tasks in a list and on a board."""
