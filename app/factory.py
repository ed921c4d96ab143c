"""The application factory; the only module that imports every layer."""

from __future__ import annotations

from celery.signals import worker_init
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import models
import views
from app import http, tasks
from app.checks.database import refuse_unready
from app.checks.settings import refuse_weak_settings
from app.commands import registry
from app.console import init_console
from app.extensions import appbuilder, celery, csrf, db
from app.lib.clock import start_at
from app.lib.discover import import_all
from app.news_shortcut import NewsShortcut
from app.panel.access import init_view_log
from app.panel.actor import init_actor
from app.panel.api.auth import init_rest_session
from app.panel.api.routes import init_rest
from app.panel.layout.assets import init_assets
from app.panel.layout.translations import init_language
from app.panel.rates.hook import init_rates
from app.panel.records.attachment_routes import AttachmentScreen
from app.panel.registry import init_frame, mount
from app.security_manager import AccountManager, Home, init_accounts
from app.services.account import token as account_token
from app.services.attachment import attach as attachment
from app.tasks.base import init_celery


def create_app(config: object = "config.Config") -> Flask:
    """The WSGI application on *config*; creating it runs no database statement."""
    app = http.PanelApp("app")
    app.config.from_object(config)
    refuse_weak_settings(app.config)
    if fake_now := app.config.get("APP_FAKE_NOW"):
        start_at(fake_now)
    app.wsgi_app = NewsShortcut(app, app.wsgi_app, http.headers_without_route)  # type: ignore[method-assign]  # as Flask's documentation says
    # Around it, so that it sees the host that was asked for.
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]  # as its documentation says
    for package in (models, tasks, views):
        import_all(package)
    db.init_app(app)
    init_celery(celery, app)
    # Checked before the pool of a worker starts; `gunicorn.conf.py` does the same for the web.
    worker_init.connect(lambda **_signal: refuse_unready(app.config), weak=False, dispatch_uid="self-check")
    http.init_app(app)
    # After `http`, so that refused requests have a request id.
    csrf.init_app(app)
    init_assets(app)
    with app.app_context():
        appbuilder.indexview = Home
        appbuilder.security_manager_class = AccountManager
        appbuilder.init_app(app, db.session)
        init_language(app)
        init_rest_session(app, account_token)
        init_actor(app)
        init_view_log(app)
        init_accounts(app)
        init_rates(app)
        # Panel and services do not import each other.
        AttachmentScreen.attachment_service = attachment
        mount()
        init_rest(app)
        init_console(app)
    init_frame(app)
    registry.register(app)
    return app
