"""Celery tasks: ids in, one service call, commit. No rules in here."""
