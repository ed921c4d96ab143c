"""The search for other people's words works: what it finds fails the test that caused it."""

import pytest

from tests.factories import FollowUpFactory
from tests.support.canaries import canary


def test_a_word_of_another_organisation_fails_the_test(login, manager, stranger_organization):
    with pytest.raises(AssertionError, match="shows"):
        login(manager).get("/products/", query_string={"q": canary(stranger_organization.id)})


def test_a_colleagues_word_fails_a_consultants_test(login, organization, consultant, colleague):
    with pytest.raises(AssertionError, match="shows"):
        login(consultant).get("/products/", query_string={"q": canary(organization.id, colleague.id)})


def test_any_word_fails_the_test_of_a_stranger(app, session, organization):
    with pytest.raises(AssertionError, match="shows"):
        app.test_client().get(f"/products/?q={canary(organization.id)}")


def test_ones_own_words_are_there_to_be_found(login, organization, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)

    page = login(consultant).get(f"/follow-ups/show/{follow_up.id}").text

    assert canary(organization.id, consultant.id) in page
    assert canary(organization.id) in page


def test_a_manager_reads_the_words_of_all_his_people(login, organization, manager, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)

    assert (
        canary(organization.id, consultant.id) in login(manager).get(f"/follow-ups/show/{follow_up.id}").text
    )
