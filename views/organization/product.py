"""Products."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.panel.access import Access
from app.panel.action import counted
from app.panel.layout.first_day import FirstStep
from app.panel.section import Section
from models.product import Product
from views import groups


class Products(Section):
    model = Product
    slug = "products"
    rest = True
    title, title_one = _("Products"), _("product")
    group, icon, menu_order = groups.ORGANIZATION, "package", 510
    menu_right = "edit"

    columns = ("title", "code", "price", "is_active")
    related = ("orders.product",)
    inline = ("price", "is_active")
    bulk_edit = ("price", "is_active")
    search = ("self",)
    filters = ("is_active", "price", "code")
    sortable = ("code", "price")
    form = ("title", "code", "price", "is_active")
    importable, import_key = True, "code"
    empty = _("No product yet")
    empty_hint = _("Orders name the product that was asked for.")

    first_step = FirstStep(
        1,
        _("Product"),
        todo=_("Orders and sales name a product; add the first one."),
        done=counted("%(num)s product is there.", "%(num)s products are there."),
        rows=lambda: select(Product.id),
        label=_("Add a product"),
        icon="package",
    )

    roles = {"Manager": Access.FULL | Access.IMPORT, "Consultant": Access.READ, "SupportAgent": Access.READ}
