"""The member's notifications: their page, and the popover of the bell in the top bar."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, jsonify, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.clock import now
from app.lib.moment import moment_of, number_of
from app.panel.access import row_key, wants_fragment
from app.panel.action import Done
from app.panel.layout.menu_counts import mark_counts_changed
from app.panel.layout.navigation import TopBarButton
from app.panel.login_session import for_members
from app.panel.notifications.feed import SIZE_OF_BELL, notification_page, unread_count
from app.panel.notifications.feed import UNREAD as COUNT
from app.panel.notifications.news import mark_of_news
from app.panel.page import Page, PageAudience
from app.panel.rates.groups import Group, limited
from app.panel.responses import success
from app.panel.view_models import Empty, TabLink
from app.services.notification import dismiss, is_mine, mark_read, mark_unread, restore

UNREAD = "unread"
_LAST = number_of(datetime.max.replace(tzinfo=UTC))


class Notifications(Page):
    """GET of /notifications/, /latest and /news; POST of /read, /unread/<moment>, /<pk>/read, /dismiss and /restore."""

    slug = "notifications"
    title, icon = _l("Notifications"), "bell"
    audience = PageAudience.MEMBERS
    needs_organization = is_for_operators = True
    top_bar = TopBarButton(_l("Notifications"), "bell", "latest", unread_count, COUNT)

    @expose("/")
    @for_members
    @limited(read=Group.LIST)
    def index(self) -> str:
        """The notifications by day, all or the unread ones; ``?older=`` continues behind the one with that key."""
        is_unread, older = request.args.get("tab") == UNREAD, request.args.get("older", "")
        before = int(older) if older.isascii() and older.isdigit() and len(older) <= 18 else None
        notices = notification_page(before=before, is_unread=is_unread)
        tab = f"tab={UNREAD}&" if is_unread else ""
        template = "older.html" if wants_fragment() and before is not None else "list.html"
        return self.render_template(
            f"notifications/{template}",
            notices=notices,
            unread=unread_count(),
            tabs=self._tabs(is_unread=is_unread),
            base_url=self.base_url,
            older_url=f"{self.base_url}?{tab}older={notices.older}",
            empty=_nothing(is_unread=is_unread),
        )

    def _tabs(self, *, is_unread: bool) -> list[TabLink]:
        address = f"{self.base_url}?tab={UNREAD}"
        return [
            TabLink("all", _("All"), self.base_url, None, not is_unread),
            TabLink(UNREAD, _("Unread ones"), address, unread_count(), is_unread),
        ]

    @expose("/latest")
    @for_members
    @limited(read=Group.NEWS)
    def latest(self) -> str:
        """The content of the bell's popover."""
        notices = notification_page(size=SIZE_OF_BELL)
        return self.render_template(
            "notifications/bell.html", notices=notices, unread=unread_count(), base_url=self.base_url
        )

    @expose("/news")
    @for_members
    @limited(read=Group.NEWS)
    def news(self) -> Response:
        """The mark of what the member has, with the numbers of the menu; 204 where the page has sent this mark."""
        mark, newest = mark_of_news()
        if request.args.get("mark") == mark:
            return Response(status=204)
        mark_counts_changed()
        return jsonify(mark=mark, newest=newest.isoformat() if newest else None)

    @expose("/read", methods=["POST"])
    @for_members
    def read_all(self) -> Response:
        moment = now()
        count = mark_read(at=moment)
        if not count:
            return self._done(Done(_("Nothing is unread.")))
        words = ngettext(
            "%(num)s notification marked as read.", "%(num)s notifications marked as read.", count
        )
        return self._done(Done(words, f"{self.base_url}unread/{number_of(moment)}"))

    @expose("/unread/<moment>", methods=["POST"])
    @for_members
    def unread(self, moment: str) -> Response:
        number = row_key(moment)
        count = mark_unread(moment_of(number)) if number <= _LAST else 0
        if not count:
            abort(404)
        words = ngettext(
            "%(num)s notification is unread again.", "%(num)s notifications are unread again.", count
        )
        return self._done(Done(words))

    @expose("/<pk>/read", methods=["POST"])
    @for_members
    def read(self, pk: str) -> Response:
        """Mark one notification as read, when its link is followed."""
        key = self._own(pk)
        mark_read(key)
        mark_counts_changed()
        db.session.commit()
        return Response(status=204)

    @expose("/<pk>/dismiss", methods=["POST"])
    @for_members
    def dismiss(self, pk: str) -> Response:
        key = self._own(pk)
        if not dismiss(key):
            return self._done(Done(_("The notification is taken away already.")))
        return self._done(Done(_("The notification is taken away."), f"{self.base_url}{key}/restore"))

    @expose("/<pk>/restore", methods=["POST"])
    @for_members
    def restore(self, pk: str) -> Response:
        if not restore(self._own(pk)):
            return self._done(Done(_("The notification is there already.")))
        return self._done(Done(_("The notification is back.")))

    def _own(self, pk: str) -> int:
        """The key of a notification of the member; 404 for any other one."""
        key = row_key(pk)
        return key if is_mine(key) else abort(404)

    def _done(self, done: Done) -> Response:
        mark_counts_changed()
        db.session.commit()
        return success(done, self.base_url)


def _nothing(*, is_unread: bool) -> Empty:
    if is_unread:
        return Empty(_("You have read everything"), _("What you have read stands under «All»."))
    return Empty(
        _("No notification yet"), _("Work that is assigned to you and jobs that end are listed here.")
    )
