"""Celery on the app's terms: a context of its own for each task."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from flask import Flask


def init_celery(celery: Celery, app: Flask) -> None:
    """Bind *celery* to *app*: each task runs in an application context that is closed behind it."""

    class ContextTask(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery.conf.update(app.config["CELERY"])
    celery.Task = ContextTask
    celery.set_default()
    app.extensions["celery"] = celery
