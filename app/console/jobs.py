"""Numbers of waiting, running and failed jobs per organisation."""

from __future__ import annotations

from flask_admin import expose
from flask_babel import lazy_gettext as _l

from app.console.base import ConsolePage
from app.services.job.stats import count_jobs


class JobStats(ConsolePage):
    slug, title = "jobs", _l("Jobs")
    hint = _l("How many imports wait, run or failed in each organisation.")

    @expose("/")
    def index(self) -> str:
        return str(self.render("console/jobs.html", view=self, counts=count_jobs()))
