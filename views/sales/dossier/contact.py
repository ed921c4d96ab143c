"""The contacts of a company, on the page of its dossier."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.panel.access import Access
from app.panel.child_section import ChildSection
from models.dossier import DossierContact


class DossierContacts(ChildSection):
    model = DossierContact
    only_in = "dossier"
    slug = "dossier-contacts"
    rest = True
    title, title_one = _l("People"), _l("person")
    icon, menu_order = "users", 261

    columns = ("name", "position", "mobile")
    form = ("name", "position", "mobile", "is_liaison")
    empty = _l("No person yet")

    roles = {"Manager": Access.FULL, "Consultant": Access.FULL}
