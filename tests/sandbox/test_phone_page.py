"""The page that shows the received messages."""

from urllib.request import urlopen

import pytest

from app.gateways.sms.base import Outgoing
from tests.sandbox.test_server import ONE, PATIENCE, status_of


class TestPhone:
    def test_escapes_message_texts(self, sandbox):
        text = "<script>alert(1)</script> https://example.com/?a=1&b=2"
        sandbox.provider().send([Outgoing(1, "+989121234567", text)])
        sandbox.post("mails", to="a@b.ir", subject="<b>سلام</b>", text="<img src=x>")

        pages = [
            sandbox.page(),
            sandbox.page("?number=09121234567"),
            sandbox.page("screen?number=09121234567"),
        ]

        for page in pages:
            assert "&lt;script&gt;alert(1)&lt;/script&gt; https://example.com/?a=1&amp;b=2" in page
            assert "<script>" not in page
            assert 'href="https://example.com' not in page
            assert "&lt;b&gt;سلام&lt;/b&gt;" in page
            assert "<img" not in page

    def test_is_persian_from_right_to_left(self, sandbox):
        sandbox.provider().send(ONE)

        page = sandbox.page()

        assert '<html lang="fa" dir="rtl">' in page
        assert '<bdi dir="ltr">۰۹۱۲ ۱۲۳ ۴۵۶۷</bdi>' in page

    def test_shows_an_empty_state(self, sandbox):
        assert "هنوز پیامک یا ایمیلی نرسیده است." in sandbox.page()
        assert "به این شماره هنوز پیامکی نرسیده است." in sandbox.page("?number=09121234567")

    def test_shows_replies_and_active_failures(self, sandbox):
        sandbox.provider().send(ONE)
        sandbox.submit("inbound", **{"from": "09121234567", "message": "ممنون"})
        sandbox.control(silent=0.05, next="busy")

        page = sandbox.page("?number=09121234567")

        assert "ممنون" in page
        assert "پذیرش بی‌پاسخ ۵٪" in page
        assert "۱ خرابی در نوبت" in page

    def test_forbids_foreign_scripts(self, sandbox):
        with urlopen(f"http://{sandbox.host}/sandbox/", timeout=PATIENCE) as answer:
            policy = answer.headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "unsafe" not in policy

    @pytest.mark.parametrize("name", ["phone.css", "phone.js"])
    def test_serves_its_own_files(self, sandbox, name):
        assert len(sandbox.page(name)) > 100

    @pytest.mark.parametrize(
        "path", ["/", "/sandbox/../config.py", "/sandbox/page/phone.css", "/v1/good/nothing", "/sandbox/none"]
    )
    def test_serves_nothing_else(self, sandbox, path):
        assert status_of(f"http://{sandbox.host}{path}") == 404
