"""REST: If-Match names the version of a row, however the answer with it was sent."""

import pytest

from app.services.account.token import make_token
from models.account import TokenScope
from models.customer import Customer
from tests.factories import CustomerFactory


@pytest.fixture
def headers(session, manager) -> dict[str, str]:
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def customer(session, manager) -> Customer:
    # An answer of less than 500 bytes is not compressed.
    customer = CustomerFactory(note="پس از ظهر زنگ بزنید. " * 50)
    session.commit()
    return customer


class TestVersion:
    @pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
    def test_of_a_compressed_answer_is_that_of_the_row(self, app, headers, customer, encoding):
        url, headers = f"/api/v1/customers/{customer.id}", headers | {"Accept-Encoding": encoding}
        shown = app.test_client().get(url, headers=headers)
        named = headers | {"If-Match": shown.headers["ETag"]}

        first, stale = (
            app.test_client().put(url, json={"city": city}, headers=named) for city in ("یزد", "قم")
        )

        assert (shown.headers["Content-Encoding"], first.status_code, stale.status_code) == (
            encoding,
            200,
            412,
        )

    @pytest.mark.parametrize(
        ("named", "code"),
        [
            ('W/"{0}"', 200),
            ('"{0}-gzip"', 200),
            ('"x", "{0}:br"', 200),
            ('"{0}0"', 412),
            ('"1{0}"', 412),
            ('"{0}gzip"', 412),
            ('"", W/"", "{0}"', 200),
            ('"", W/""', 412),
        ],
    )
    def test_that_a_proxy_has_rewritten_is_that_of_the_row(self, app, headers, customer, named, code):
        url = f"/api/v1/customers/{customer.id}"
        version = app.test_client().get(url, headers=headers | {"Accept-Encoding": "identity"})
        named = named.format(version.headers["ETag"].strip('"'))

        answer = app.test_client().put(url, json={"city": "یزد"}, headers=headers | {"If-Match": named})

        assert answer.status_code == code
