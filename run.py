"""Entry point: ``flask --app run``, ``gunicorn run:app`` and ``celery -A run.celery``."""

from app.extensions import celery
from app.factory import create_app

__all__ = ["app", "celery"]

app = create_app()
