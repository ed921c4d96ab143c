"""Entry point of ``flask --app run``, ``gunicorn run:app``, ``celery -A run.celery`` and ``python run.py serve``."""

import sys

if __name__ == "__main__" and sys.argv[1:] == ["serve"]:
    from app.supervisor import serve
    from config import VAR, Config

    serve(vars(Config), pid_folder=VAR / "run")
else:
    from app.extensions import celery
    from app.factory import create_app

    __all__ = ["app", "celery"]

    app = create_app()
