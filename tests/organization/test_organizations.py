"""The form of an organisation, which platform admins fill in."""

import pytest
from sqlalchemy import select

from models.organization import Organization
from tests.factories import member

FORM = {
    "name": "آموزشگاه نیکا",
    "slug": "nika-2",
    "currency": "toman",
    "repeat_policy": "hold",
    "repeat_window_days": "۳۰",
}


@pytest.fixture
def admin(login, organization):
    return login(member("Admin", None))


def slugs(session):
    return set(session.scalars(select(Organization.slug)))


def test_a_new_one_is_added(session, admin):
    assert admin.post("/organizations/add", data=FORM).status_code == 302

    assert "nika-2" in slugs(session)


@pytest.mark.parametrize("slug", ["alef", "ALEF", "الف", "a/b", "../x", "-a", "a b", "a_b", "n" * 61, ""])
def test_a_short_name_that_can_not_be_used_is_told_at_its_field(session, admin, slug):
    before = slugs(session)

    answer = admin.post("/organizations/add", data=FORM | {"slug": slug})

    assert answer.status_code == 422
    assert 'id="slug-error"' in answer.text
    assert slugs(session) == before


@pytest.mark.parametrize("days", ["0", "۳۶۵۱", "2000000000", ""])
def test_the_window_of_repeats_has_the_limits_of_the_settings(session, admin, organization, days):
    before = organization.repeat_window_days

    for path in ("/organizations/add", f"/organizations/edit/{organization.id}"):
        answer = admin.post(path, data=FORM | {"repeat_window_days": days})

        assert answer.status_code == 422
        assert 'id="repeat_window_days-error"' in answer.text
    session.refresh(organization)
    assert organization.repeat_window_days == before
