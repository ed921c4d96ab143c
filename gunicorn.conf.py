"""What Gunicorn does before its workers start, and in each of them; read from the working directory by itself."""

import gc
from typing import Any

from flask import Flask

from app.checks.database import refuse_unready
from config import Config


def on_starting(server: Any) -> None:
    """A refusal here ends Gunicorn with its code; in a worker it would only be started again and again."""
    # Flask adds what it reads from the environment itself, FLASK_DEBUG above all.
    settings = Flask("app").config
    settings.from_object(Config)
    refuse_unready(settings)


def post_worker_init(worker: Any) -> None:
    """What stands once the panel is loaded stays, so the collector need not look through it again: a tenth of a second each time."""
    gc.collect()
    gc.freeze()
