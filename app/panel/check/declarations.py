"""The check of all declarations at the start of the application; it does not read the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_appbuilder import BaseView

from app.panel.check.attributes import problems_of_attributes, problems_of_model_owner
from app.panel.check.boards import problems_of_board
from app.panel.check.lines import problems_of_lines
from app.panel.check.loaded import problems_of_code
from app.panel.check.names import problems_of_names
from app.panel.check.notifications import problems_of_notifications
from app.panel.check.panels import problems_of_panel
from app.panel.check.problems import DeclarationProblem, WrongDeclaration
from app.panel.check.relations import problems_of_fields, problems_of_relations
from app.panel.check.reports import problems_of_report
from app.panel.check.rights import problems_of_addresses, problems_of_rights
from app.panel.check.timelines import problems_of_timeline
from app.panel.check.values import problems_of_values
from app.panel.queries.projection import UndeclaredReads
from app.panel.report.report import Report
from app.panel.section import Section


def refuse_wrong_declarations(classes: Sequence[type[BaseView]]) -> None:
    """Raise one `WrongDeclaration` with all problems of these sections and pages."""
    # Uninitialised objects: Flask-AppBuilder reads every attribute of a view when it initialises it, the forms too,
    # and would stop at the first wrong name.
    views = [object.__new__(class_) for class_ in classes]
    problems = [*problems_of_addresses(views), *(each for view in views for each in problems_of(view, views))]
    if problems:
        raise WrongDeclaration(problems)


def problems_of(view: BaseView, views: Sequence[BaseView]) -> list[DeclarationProblem]:
    """The problems of one section or page."""
    found = [*problems_of_values(view), *problems_of_rights(view), *problems_of_fields(view)]
    found += problems_of_notifications(view)
    if isinstance(view, Report):
        found += problems_of_report(view)
    if not isinstance(view, Section):
        return found
    if owner := list(problems_of_model_owner(view)):
        return [*found, *owner]
    sections = {each.slug: each for each in views if isinstance(each, Section)}
    found += [*problems_of_names(view), *problems_of_attributes(view), *problems_of_relations(view, sections)]
    found += [*problems_of_timeline(view, sections), *problems_of_lines(view), *problems_of_panel(view)]
    found += problems_of_board(view)
    # Code and forms are checked only if all names are valid, because they use the names.
    return found or [*_code(view), *_forms(view)]


def _code(section: Section) -> list[DeclarationProblem]:
    try:
        return list(problems_of_code(section))
    except UndeclaredReads as error:
        return [
            DeclarationProblem(
                type(section).__name__, "preload", section.model.__name__, f"can not be loaded: {error}"
            )
        ]


def _forms(section: Section) -> Iterator[DeclarationProblem]:
    """The forms of the section that can not be built."""
    builders = {"form": section.add_form_class, "edit_fields": section.edit_form_class}
    if section.bulk_edit:
        builders["bulk_edit"] = section.change_form
    for word, build in builders.items():
        try:
            build()
        except Exception as error:  # noqa: BLE001 - any error makes the form unusable
            yield DeclarationProblem(
                type(section).__name__, word, type(error).__name__, f"stops the form: {error}"
            )
