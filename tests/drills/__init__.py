"""Delivery drills with real processes that are killed meanwhile: `python -m tests.drills [D-01 …]`."""
