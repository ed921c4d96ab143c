"""SMS templates: texts with variables."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.digits import parse_int
from app.panel.access import Access, requires
from app.panel.action import counted
from app.panel.actor import member_id
from app.panel.forms.builder import PanelForm
from app.panel.layout.first_day import FirstStep
from app.panel.lists.lookup import MOST_FOUND
from app.panel.queries.search import matching
from app.panel.rates.groups import Group, limited
from app.panel.section import Section
from app.services.sms.text.example import Example, example_of
from app.services.sms.text.template import check_template, variables
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.sms.provider import SmsProvider
from models.sms.template import SmsCategory, SmsTemplate
from views import groups


class SmsTemplates(Section):
    model = SmsTemplate
    slug = "sms-templates"
    rest = True
    title, title_one = _l("SMS titles"), _l("SMS title")
    group, icon, menu_order = groups.SMS, "message-2", 430
    menu_right = "edit"

    columns = ("title", "body", "category", "is_active")
    search = ()
    filters = ("category", "is_active", "title", "body")
    sortable = ("title",)
    sort = "title"
    form = ("title", "category", "pattern_code", "body", "is_active")
    inline = ("is_active",)
    lookups = ()
    form_template = "sms/template_form.html"
    empty = _l("No SMS title yet")
    empty_hint = _l("Members choose a title and see its text before they send.")

    # The accounts are the platform's, so that a manager asks for one.
    first_step = FirstStep(
        5,
        _l("SMS line"),
        todo=_l("Without it no SMS is sent; everything else works. The platform admin adds it."),
        done=counted("The line is ready.", "The lines are ready."),
        rows=lambda: select(SmsProvider.id).where(SmsProvider.is_enabled),
        label=_l("Ask the support"),
        icon="lifebuoy",
        at="/tickets/add",
    )

    roles = {"Manager": Access.FULL, "Consultant": Access.READ}

    def store(self, item: SmsTemplate, form: PanelForm, *, existing: bool) -> SmsTemplate:
        form.populate_obj(item)
        check_template(item, db.session.get_one(Member, member_id()))
        if not existing:
            db.session.add(item)
        return item

    def variables(self) -> list[tuple[str, str]]:
        """The variables that the form offers."""
        return variables()

    def example(self, body: str = "", category: str = "", customer: str = "") -> Example:
        """*body* as a customer would receive it; by default, the member's newest customer."""
        key = parse_int(customer)
        chosen = db.session.get(Customer, key) if key is not None else None
        kind = next((each for each in SmsCategory if each.value == category), SmsCategory.SERVICE)
        template = SmsTemplate(body=body.strip()[:5000], category=kind)
        return example_of(template, _record_of(chosen), db.session.get_one(Member, member_id()))

    @expose("/preview", methods=["POST"])
    @requires("list")
    @limited(write=Group.PAGE)
    def preview(self) -> Any:
        """The preview and the counter, for the text that is being typed."""
        sent = request.form
        shown = self.example(sent.get("body", ""), sent.get("category", ""), sent.get("preview_customer", ""))
        return self.render_template("sms/_example.html", example=shown)

    @expose("/customers")
    @requires("list")
    @limited(read=Group.SEARCH)
    def customers(self) -> Response:
        """The customers for ``?q=``, among those that the member may see, for the preview."""
        condition = matching(Customer, request.args.get("q", ""))
        statement = select(Customer).order_by(Customer.id.desc()).limit(MOST_FOUND)
        rows = db.session.scalars(statement if condition is None else condition.narrow(statement))
        return jsonify([{"value": str(row.id), "text": str(row)} for row in rows])


def _record_of(customer: Customer | None) -> FollowUp | Customer | None:
    """The newest follow-up, of *customer* if given, because it has a product too; otherwise a customer."""
    newest = select(FollowUp).order_by(FollowUp.id.desc()).limit(1)
    if customer is not None:
        return db.session.scalar(newest.where(FollowUp.customer_id == customer.id)) or customer
    anybody = select(Customer).order_by(Customer.id.desc()).limit(1)
    return db.session.scalar(newest) or db.session.scalar(anybody)
