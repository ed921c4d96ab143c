"""E01: a typo at a random place, all problems at once, and a start that fails."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.extensions import db
from app.panel.access import Access
from app.panel.check.declarations import refuse_wrong_declarations
from app.panel.check.problems import WrongDeclaration
from app.panel.section import Section
from tests.panel.check.steps import bare, declared, kinds, problems
from tests.support.live import ROOT
from views.organization.product import Products
from views.sales.customer import Customers

# Words that name something which is there already, by how their names are written.
NAMES = (
    "columns", "optional_columns", "details", "filters", "sortable", "search", "form", "edit_fields", "read_only",
    "lookups", "inline", "bulk_edit", "appears_on", "preload", "related", "headline", "related_fields",
)  # fmt: skip


KEYS = ("labels", "extra_fields", "extra_edit_fields", "roles")
TEXTS = ("sort", "icon", "list_template", "form_template", "owner_right", "owner", "import_key")


def mistyped(draw, name):
    """*name* with one letter more, less, or other."""
    place = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz_"))
    kind = draw(st.sampled_from(["more", "less", "other"]))
    rest = name[place + 1 :] if kind != "more" else name[place:]
    return name[:place] + ("" if kind == "less" else letter) + rest


def names_of(view):
    """(word, name) of every name that the declaration of *view* names."""
    words = (*NAMES, *KEYS) if isinstance(view, Section) else ("plain_fields", "roles")
    found = [(word, name) for word in words for name in getattr(view, word) or ()]
    found += [("right", right) for grant in view.roles.values() for right in sorted(grant.permissions)]
    found += [(word, getattr(view, word)) for word in TEXTS if isinstance(vars(type(view)).get(word), str)]
    found += [("tab", tab.sort) for tab in getattr(view, "tabs", ()) if tab.sort]
    own = {*words, *TEXTS, "rest", "importable", "group", "needs_organization"}
    found += [("attribute", name) for name in vars(type(view)) if name in own]
    return found


def with_typo(view, word, old, new):
    """The words of *view* with *new* in place of *old*."""

    def swap(names):
        return tuple(new if each == old else each for each in names)

    if word == "attribute":
        return {new: getattr(view, old)}
    if word == "tab":
        return {"tabs": tuple(replace(tab, sort=new) if tab.sort == old else tab for tab in view.tabs)}
    if word == "right":
        wrong = Access.actions(new.removeprefix("can_"))
        return {"roles": {role: grant | wrong for role, grant in view.roles.items()}}
    value = getattr(view, word)
    if isinstance(value, dict):
        return {word: {new if key == old else key: each for key, each in value.items()}}
    return {word: new if isinstance(value, str) else swap(value)}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_e01_a_random_typo_in_a_random_declaration_never_starts(app, data):
    view = data.draw(st.sampled_from([view for view in bare() if names_of(view)]))
    word, name = data.draw(st.sampled_from(names_of(view)))
    typo = mistyped(data.draw, name)
    known = {each for _word, each in names_of(view)}
    # Another valid name is no typo, and «can_» belongs to no name.
    assume(
        typo not in known and typo.strip("-_") not in known and not (word == "right" and typo[:4] != "can_")
    )
    assume(not (word == "attribute" and (hasattr(type(view), typo) or typo.startswith("_"))))
    assume(not hasattr(getattr(view, "model", None), typo.removeprefix("-")))

    # Only this declaration is checked: the claims below are about the check of all.
    refused = str(WrongDeclaration(problems(type(view), **with_typo(view, word, name, typo))))

    assert type(view).__name__ in refused
    assert typo in refused or typo.removeprefix("can_") in refused


def test_e01_one_exception_lists_the_problems_of_all_sections(app):
    with (
        declared(Products, columns=("titel",), icon="packge"),
        declared(Customers, filters=("citty",)),
        pytest.raises(WrongDeclaration) as refused,
    ):
        refuse_wrong_declarations(kinds())

    assert [(each.section, each.name) for each in refused.value.problems] == [
        ("Products", "packge"),
        ("Products", "titel"),
        ("Customers", "citty"),
    ]


def test_e01_the_check_does_not_ask_the_database(app, session):
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))

    refuse_wrong_declarations(kinds())

    assert asked == []


START = """
from views.organization.product import Products
Products.columns = ("titel",)
import run
"""


def test_e01_the_application_does_not_start(tmp_path: Path):
    environment = {**os.environ, "APP_ENV": "test", "DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    command = [sys.executable, "-c", START]
    started = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert started.returncode != 0
    assert 'Products.columns: "titel" does not exist' in started.stderr
    assert 'the nearest valid name is "title"' in started.stderr
