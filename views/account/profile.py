"""The member's profile, and the switch for new orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, redirect, request, send_file
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import FileField
from wtforms.validators import Email

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import StoreUnavailable, storage
from app.lib.persian import persian_digits
from app.panel.action import Done
from app.panel.forms.builder import Filled, Length, MayBeEmpty, PanelForm
from app.panel.forms.conflict import conflict_page
from app.panel.forms.fields import MobileField, TextField
from app.panel.forms.locking import StaleForm, refuse_stale, version_fields, version_fields_again
from app.panel.layout.first_day import FOLDED
from app.panel.login_session import for_members
from app.panel.page import Page, PageAudience
from app.panel.registry import is_menu_group
from app.panel.responses import leave_toast, success
from app.panel.view_models import Fact, FormPage
from app.services.account.profile import (
    Profile,
    remember_menu_group,
    save_photo,
    save_profile,
    set_presence,
)
from models.member import Member
from views.account.tabs import account_tabs

_NEEDED = Filled(_l("Please fill in this field."))


class ProfileForm(PanelForm):
    first_name = TextField(_l("First name"), [_NEEDED, Length(max=64)])
    last_name = TextField(_l("Last name"), [_NEEDED, Length(max=64)])
    email = TextField(
        _l("E-mail"), [_NEEDED, Email(_l("This e-mail address is not valid.")), Length(max=320)]
    )
    mobile = MobileField(_l("Mobile"), [MayBeEmpty()])
    extension = TextField(_l("Extension"), [MayBeEmpty(), Length(max=10)])
    photo = FileField(_l("Photo"), description=_l("A picture of at most 10 megabytes."))


class Account(Page):
    """GET and POST of /account/, POST of /account/presence, /account/menu and /account/first-day, GET of /account/photo."""

    slug = "account"
    audience = PageAudience.MEMBERS
    title = _l("My account")

    @expose("/", methods=["GET", "POST"])
    @for_members
    def index(self) -> Any:
        member = db.session.get_one(Member, current_user.id)
        is_sent = request.method == "POST"
        form = ProfileForm(obj=None if is_sent else member)
        names = [name for name in form._fields if name != "csrf_token"]
        if not is_sent:
            return self._page(form, names, version_fields(form, names, member))
        if form.validate():
            try:
                refuse_stale(member, request.form)
            except StaleForm:
                return self._conflict(form, names)
            if self._saved(form):
                return success(Done(_("Your profile is saved.")), self.base_url)
        return self._page(form, names, version_fields_again(request.form)), 422

    def _page(self, form: ProfileForm, names: Sequence[str], hidden: Sequence[tuple[str, str]]) -> str:
        locked = [Fact(_("User name"), "text", current_user.username), *_organization()]
        page = FormPage(
            str(_("My account")), "/", form, names, _("Save"), form.error_count, locked, hidden=hidden
        )
        return self.render_template("account/profile.html", page=page, tabs=account_tabs("Account"))

    def _conflict(self, form: ProfileForm, names: Sequence[str]) -> tuple[str, int]:
        """The page with the member's values and those that a manager has saved; nothing is saved."""
        db.session.rollback()
        member = db.session.get_one(Member, current_user.id, populate_existing=True)
        theirs = ProfileForm(formdata=None, obj=member)
        page = conflict_page(
            member, form, theirs, names, request.form, title=str(self.title), back_url=self.base_url
        )
        return self.render_template("panel/forms/conflict.html", page=page), 409

    def _saved(self, form: ProfileForm) -> bool:
        profile = Profile(
            first_name=form.first_name.data,
            last_name=form.last_name.data,
            email=form.email.data,
            mobile=form.mobile.data,
            extension=form.extension.data,
        )
        try:
            save_profile(current_user, profile)
            if getattr(form.photo.data, "filename", ""):
                save_photo(current_user, form.photo.data.stream)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return False
        return True

    @expose("/presence", methods=["POST"])
    @for_members
    def presence(self) -> Response:
        """Become present (`present=1`) or away, as the page says: a second click takes nothing back."""
        set_presence(current_user, is_present=request.values.get("present") == "1")
        db.session.commit()
        words = _("You are present; new orders come to you.")
        if not current_user.accepts_orders:
            words = _("You are away; no new order comes to you.")
        leave_toast(Done(words))
        return redirect(request.referrer if _is_ours(request.referrer) else "/")

    @expose("/menu", methods=["POST"])
    @for_members
    def menu(self) -> Response:
        key = request.form.get("group", "")
        if not is_menu_group(key):
            abort(400)
        remember_menu_group(current_user, key, is_open=request.form.get("open") == "1")
        db.session.commit()
        return Response(status=204)

    @expose("/first-day", methods=["POST"])
    @for_members
    def first_day(self) -> Response:
        """Fold or open the steps of the first day."""
        remember_menu_group(current_user, FOLDED, is_open=request.form.get("open") == "1")
        db.session.commit()
        return redirect(request.referrer if _is_ours(request.referrer) else "/")

    @expose("/photo")
    @for_members
    def photo(self) -> Response:
        if not current_user.photo:
            abort(404)
        try:
            return send_file(storage().open(current_user.photo), mimetype="image/webp")
        except FileNotFoundError:
            abort(404)
        except StoreUnavailable:
            abort(503)


def _organization() -> list[Fact]:
    organization = current_user.organization
    capacity = current_user.daily_capacity
    facts = [Fact(_("Organisation"), "text", organization.name)] if organization else []
    if capacity:
        facts.append(Fact(_("Daily capacity"), "text", persian_digits(capacity)))
    return facts


def _is_ours(address: str | None) -> bool:
    return bool(address) and str(address).startswith(request.host_url)
