"""Products."""

from flask_babel import lazy_gettext as _

from app.panel.access import Access
from app.panel.section import Section
from models.product import Product
from views import groups


class Products(Section):
    model = Product
    slug = "products"
    rest = True
    title, title_one = _("Products"), _("product")
    group, icon, menu_order = groups.ORGANIZATION, "package", 510

    columns = ("title", "code", "price", "is_active")
    related = ("orders.product",)
    inline = ("price", "is_active")
    bulk_edit = ("price", "is_active")
    search = ("self",)
    filters = ("is_active", "price", "code")
    sortable = ("code", "price")
    form = ("title", "code", "price", "is_active")
    importable, import_key = True, "code"

    roles = {"Manager": Access.FULL | Access.IMPORT, "Consultant": Access.READ, "SupportAgent": Access.READ}
