"""The routes that each section gets from the engine, with the letter of the permission matrix that each asks for."""

from __future__ import annotations

from dataclasses import dataclass

from app.panel.action import actions_of
from app.panel.report.report import Report
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
    ("board_view", "board", "L"),
    ("lane_view", "board/<lane>", "L"),
    ("move", "<pk>/move", "K"),
    ("show", "show/<pk>", "V"),
    ("timeline_page", "<pk>/timeline", "V"),
    ("panel_page", "<pk>/panel", "V"),
    ("record", "<pk>/result", "T"),
    ("undo_record", "<pk>/result/<entry>/undo", "T"),
    ("choice_menu", "choices", "T"),
    ("choose", "<pk>/choose/<choice>/<uuid:token>", "T"),
    ("trail", "trail/<pk>", "H"),
    ("export", "export", "X"),
    ("add", "add", "A"),
    ("add_totals", "add/totals", "A"),
    ("edit", "edit/<pk>", "E"),
    ("edit_totals", "edit/<pk>/totals", "E"),
    ("arrange", "order", "E"),
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
    ("side_sheet", "<pk>/side/<key>", "V"),
    ("of", "of/<pk>", "L"),
    ("set_flag", "<pk>/flag", "E"),
    ("import_file", "import", "I"),
    ("import_show", "import/<pk>", "I"),
    ("import_columns", "import/<pk>/columns", "I"),
    ("import_reading", "import/<pk>/reading", "I"),
    ("import_preview", "import/<pk>/preview", "I"),
    ("import_make", "import/<pk>/make", "I"),
    ("import_run", "import/<pk>/run", "I"),
    ("import_progress", "import/<pk>/progress", "I"),
    ("import_stop", "import/<pk>/stop", "I"),
    ("import_rejected", "import/<pk>/rejected", "I"),
    ("import_undo", "import/<pk>/undo", "I"),
)
# The routes of the saved reports that each report has.
SAVED = ("", *(f"/<pk>/{act}" for act in ("open", "rename", "share", "delete", "restore", "schedule")))
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
        if hasattr(section, name) and name not in section.exclude_route_methods
    ]
    if section.rest:
        rows += [RouteRow(f"/api/v1/{slug}/{address}", slug, verb) for address, verb in REST]
        acts = [name for name, each in actions_of(section).items() if each.rest]
        acts += [each.name for each in section.rest_acts]
        rows += [RouteRow(f"/api/v1/{slug}/<key:pk>/{name}", slug, "*") for name in acts]
    return sorted(rows, key=lambda row: row.route)


def rows_of_report(report: type[Report]) -> list[RouteRow]:
    """The rows of the saved reports of *report*, which its own right to see it opens."""
    return [RouteRow(f"/{report.slug}/saved{address}", report.slug, "L") for address in SAVED]
