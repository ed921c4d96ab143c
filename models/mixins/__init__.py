"""Columns that several tables have beyond those of `models/base.py`."""
