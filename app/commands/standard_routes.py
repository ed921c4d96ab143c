"""The routes that each section gets from the engine, with the letter of the permission matrix that each asks for."""

from __future__ import annotations

from dataclasses import dataclass

from app.panel.section import Section

# The name of the route's method, its address under the section's own, and its letter. `*`: one letter for each action.
STANDARD = (
    ("index", "", "L"),
    ("list", "list/", "L"),
    ("choose_filters", "filters", "L"),
    ("lookup", "lookup/<string:name>", "L"),
    ("print_view", "print", "L"),
    ("table", "table", "L"),
    ("views", "views", "L"),
    ("open_view", "views/<pk>/open", "L"),
    ("replace_view", "views/<pk>/replace", "L"),
    ("default_view_of_mine", "views/<pk>/default", "L"),
    ("share_view", "views/<pk>/share", "L"),
    ("delete_view", "views/<pk>/delete", "L"),
    ("show", "show/<pk>", "V"),
    ("trail", "trail/<pk>", "H"),
    ("export", "export", "X"),
    ("add", "add", "A"),
    ("edit", "edit/<pk>", "E"),
    ("inline_edit", "inline/<pk>/<string:name>", "E"),
    ("delete", "delete/<pk>", "D"),
    ("undo", "undo/<batch>", "D"),
    ("action", "action/<string:name>/<pk>", "*"),
    ("action_post", "action_post", "*"),
    ("files", "<pk>/files", "V"),
    ("attach", "<pk>/files/add", "U"),
    ("file", "<pk>/files/<uuid>", "W"),
    ("delete_file", "<pk>/files/<uuid>/delete", "E"),
    ("restore_file", "<pk>/files/<uuid>/restore", "E"),
    ("import_file", "import", "I"),
    ("import_show", "import/<pk>", "I"),
    ("import_columns", "import/<pk>/columns", "I"),
    ("import_preview", "import/<pk>/preview", "I"),
    ("import_run", "import/<pk>/run", "I"),
    ("import_progress", "import/<pk>/progress", "I"),
    ("import_rejected", "import/<pk>/rejected", "I"),
    ("import_undo", "import/<pk>/undo", "I"),
)
# What programs get where a section says `rest`.
REST = (("", "*"), ("<key:pk>", "*"), ("_info", "L"))


@dataclass(frozen=True)
class RouteRow:
    """A line of `tests/data/routes.csv`."""

    route: str
    section: str
    verb: str

    def __str__(self) -> str:
        return f"{self.route},{self.section},{self.verb}"


def rows_of(section: type[Section]) -> list[RouteRow]:
    """The rows of the standard routes that *section* has by its declaration."""
    slug = section.slug
    rows = [
        RouteRow(f"/{slug}/{address}", slug, verb)
        for name, address, verb in STANDARD
        if name not in section.exclude_route_methods
    ]
    if section.rest:
        rows += [RouteRow(f"/api/v1/{slug}/{address}", slug, verb) for address, verb in REST]
    return sorted(rows, key=lambda row: row.route)
