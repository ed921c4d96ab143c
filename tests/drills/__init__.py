"""Drills with real processes: `python -m tests.drills [D-01 …]`; what must be true whoever is killed meanwhile."""
