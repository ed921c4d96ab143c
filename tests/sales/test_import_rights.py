"""The import's pages are for the managers of its organisation."""

import pytest

from tests.factories import member
from tests.sales.import_steps import rows, upload

# Everything a stranger might try, with the address of a job in it.
ROUTES = [
    ("GET", "/imports/"),
    ("GET", "/imports/add"),
    ("POST", "/imports/add"),
    ("GET", "/imports/show/{}"),
    ("POST", "/imports/columns/{}"),
    ("POST", "/imports/reading/{}"),
    ("GET", "/imports/preview/{}"),
    ("POST", "/imports/run/{}"),
    ("GET", "/imports/progress/{}"),
    ("GET", "/imports/rejected/{}"),
    ("POST", "/imports/take-back/{}"),
]


class TestWhoMayNot:
    @pytest.fixture
    def job_id(self, product, session) -> int:
        job = upload(rows(1, product))
        session.commit()
        return job.id

    @pytest.mark.parametrize(("method", "route"), ROUTES)
    def test_consultants(self, login, job_id, consultant, method, route):
        assert login(consultant).open(route.format(job_id), method=method).status_code == 403

    @pytest.mark.parametrize(("method", "route"), ROUTES)
    def test_support_agents(self, login, job_id, organization, method, route):
        client = login(member("SupportAgent", organization))

        assert client.open(route.format(job_id), method=method).status_code == 403

    @pytest.mark.parametrize(("method", "route"), ROUTES)
    def test_strangers_are_sent_to_the_login(self, app, job_id, method, route):
        answer = app.test_client().open(route.format(job_id), method=method)

        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/login/")

    @pytest.mark.parametrize(("method", "route"), [each for each in ROUTES if "{}" in each[1]])
    def test_managers_elsewhere_find_nothing(self, login, job_id, stranger_organization, method, route):
        client = login(member("Manager", stranger_organization))

        assert client.open(route.format(job_id), method=method).status_code == 404
