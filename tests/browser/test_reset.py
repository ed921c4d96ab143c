"""A mailed link for a new password, opened in a browser."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.support.live import ROOT

MEMBER = "support-demo2"
NEW = "Golabi-9-Derakht"
MAKE_LINK = f"""
from run import app
from app.extensions import db
from app.services.account.reset import make_link_token
from models.member import Member
with app.app_context():
    token = make_link_token(db.session.query(Member).filter_by(username="{MEMBER}").one())
    db.session.commit()
print(token)
"""


@pytest.fixture(scope="module")
def token(panel):
    done = subprocess.run(
        [sys.executable, "-c", MAKE_LINK],
        cwd=ROOT,
        env=panel.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()[-1]


def test_a_link_sets_the_password_of_its_member(panel, open_tab, token):
    page = open_tab(None, width=390).open(f"/reset-password/{token}")
    page.fill("[name=password]", NEW)
    page.fill("[name=again]", NEW)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator("[type=submit]").click()

    expect(page).to_have_url(f"{panel.url}/login/")
    # The log of the server, or of a proxy, must not have the secret from the address of the page.
    assert token not in sent.value.headers.get("referer", "")
    page.fill("[name=username]", MEMBER)
    page.fill("[name=password]", NEW)
    page.click("[type=submit]")
    expect(page).not_to_have_url(f"{panel.url}/login/")
