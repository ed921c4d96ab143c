"""Gunicorn's hooks; Gunicorn reads this file from the working directory."""

import gc
from typing import Any

from flask import Flask

from app.checks.database import refuse_unready
from config import Config

# The longest address: several filters in Persian letters, of which each takes six characters there.
limit_request_line = 8190


def on_starting(server: Any) -> None:
    """Run the start-up checks in the master, where a failure ends Gunicorn; a worker would be restarted for ever."""
    # Flask's own settings include FLASK_DEBUG from the environment.
    settings = Flask("app").config
    settings.from_object(Config)
    refuse_unready(settings)


def post_worker_init(worker: Any) -> None:
    """Exclude the loaded application from garbage collection, which takes a tenth of a second for it."""
    gc.collect()
    gc.freeze()
