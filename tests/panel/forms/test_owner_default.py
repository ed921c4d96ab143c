"""The word `owner`: a new row is the acting member's, and only who sees all rows chooses another owner."""

import pytest

from app.extensions import appbuilder
from app.panel.check.attributes import problems_of_attributes
from app.panel.forms.owner import refuse_undeclared_owner, withheld_names
from models.follow_up import FollowUp
from models.product import Product
from models.sale import Sale
from tests.factories import OrderFactory
from tests.panel.forms.test_owner_fields import VERBS, asking, owners, section_of, values

__all__ = ["values"]
QUIET = {"inline": (), "bulk_edit": ()}


@pytest.fixture
def rights(session):
    for name in ("Manager", "Consultant"):
        role = appbuilder.sm.find_role(name)
        pairs = [appbuilder.sm.add_permission_view_menu(f"can_{verb}", "Sold") for verb in VERBS]
        role.permissions = [*role.permissions, *pairs]
    session.commit()


@pytest.mark.usefixtures("rights")
class TestE10Owner:
    def test_of_a_consultant_is_the_consultant(self, app, session, manager, consultant, values):
        section = section_of(owner="consultant")
        with asking(app, consultant, "/sold/add", method="POST", data=values):
            assert section.add().status_code == 302

        assert owners(session, manager) == [consultant.id]

    def test_is_hidden_from_a_consultant_in_every_form(self, app, consultant):
        section = section_of(owner="consultant")
        with asking(app, consultant):
            assert "consultant" not in section.add_form_class()()._fields
            assert "consultant" not in section.edit_form_class()()._fields
            assert "consultant" not in section.change_form()()._fields
            assert 'name="consultant"' not in section.add()

    def test_is_chosen_by_a_manager_and_begins_with_them(self, app, session, manager, colleague, values):
        section = section_of(owner="consultant")
        with asking(app, manager, "/sold/add"):
            field = section.add().split('name="consultant"')[1].split("</select>")[0]
            assert f'value="{manager.id}" selected' in field
        with asking(app, manager, "/sold/add", method="POST", data=values):
            assert section.add().status_code == 302

        assert owners(session, manager) == [colleague.id]

    def test_needs_the_declared_right_where_there_is_one(self, app, session, manager):
        role = appbuilder.sm.find_role("Manager")
        pair = appbuilder.sm.find_permission_view_menu("can_edit", "Sold")
        role.permissions = [each for each in role.permissions if each != pair]
        session.commit()
        with asking(app, manager):
            assert withheld_names(section_of(owner="consultant", owner_right="edit"))
            assert not withheld_names(section_of(owner="consultant"))

    def test_of_a_model_whose_rows_are_owned_in_another_way_is_set_too(
        self, app, session, manager, consultant, values, monkeypatch
    ):
        """A model that declares `owned_by` and names no owner column."""
        monkeypatch.setattr(Sale, "__owner__", None)
        section = section_of(owner="consultant")
        with asking(app, consultant, "/sold/add", method="POST", data=values):
            assert section.add().status_code == 302

        assert owners(session, manager) == [consultant.id]

    def test_of_another_section_is_hidden_too(self, app, consultant, manager):
        OrderFactory()
        section = section_of(model=FollowUp, owner="consultant", form=("next_at", "consultant"), **QUIET)
        with asking(app, consultant):
            assert withheld_names(section) >= {"consultant", "consultant_id"}
        with asking(app, manager):
            assert not withheld_names(section)


class TestE10Start:
    def test_takes_an_owner_without_a_right(self, app):
        section = section_of(owner="consultant")

        refuse_undeclared_owner(section)
        assert list(problems_of_attributes(section)) == []

    @pytest.mark.parametrize("owner", ["customer", "amount", "consultant_id", "seller"])
    def test_refuses_an_owner_that_is_no_relation_to_a_member(self, app, owner):
        [problem] = problems_of_attributes(section_of(owner=owner))

        assert (problem.word, problem.name) == ("owner", owner)
        assert problem.reason == "is no relation of Sale to a member"

    def test_names_the_nearest_relation_to_a_member(self, app):
        [problem] = problems_of_attributes(section_of(owner="consultnat"))

        assert problem.nearest == "consultant"

    def test_refuses_an_owner_that_the_model_does_not_know(self, app, monkeypatch):
        monkeypatch.setattr(Sale, "__owner__", "created_by_id")

        [problem] = problems_of_attributes(section_of(owner="consultant"))
        assert "is not the owner of the rows of Sale: created_by_id" in problem.reason

    def test_refuses_it_where_rows_are_nobodys(self, app):
        section = section_of(model=Product, owner="consultant", form=("title",), **QUIET)

        [problem] = problems_of_attributes(section)
        assert problem.reason == "is no relation of Product to a member"
