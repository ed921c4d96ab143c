"""Duplicates of customers: groups that are probably one person, their merge and its undo."""
