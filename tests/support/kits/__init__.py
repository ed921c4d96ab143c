"""A section of no product with lines; a pytest plugin for a run of its own, as `tests/support/every_type.py`."""
