"""Objects that are created once and bound to the app by the factory."""

from celery import Celery
from flask_appbuilder import AppBuilder, Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_wtf import CSRFProtect

# FAB's own tables and ours share one metadata, hence one create, one Alembic history.
db = SQLA(model_class=Model, engine_options={"hide_parameters": True})
appbuilder = AppBuilder()
csrf = CSRFProtect()
celery = Celery("ava")
