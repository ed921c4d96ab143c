"""Parsing of Kavenegar's delivery reports and inbound texts."""

import pytest

from app.gateways.sms.base import Inbound, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.results import DeliveryReport, DeliveryState


class TestHooks:
    provider = Kavenegar(ProviderAccount("good", "http://127.0.0.1/v1", ""), public_only=False)

    @pytest.mark.parametrize(
        ("fields", "body"),
        [
            ({"messageid": "77", "status": "10"}, b"messageid=77&status=10"),
            ({}, b'{"messageid": 77, "status": 10}'),
            ({}, b'[{"messageid": 77, "status": 10}]'),
            ({}, b'{"entries": [{"messageid": "77", "status": "10"}]}'),
        ],
    )
    def test_read_a_report_in_every_format(self, fields, body):
        assert self.provider.read_reports(fields, body) == [
            DeliveryReport("77", None, DeliveryState.DELIVERED)
        ]

    @pytest.mark.parametrize(
        ("fields", "body"),
        [
            ({}, b""),
            ({"messageid": "77"}, b""),
            ({"messageid": "x", "status": "10"}, b""),
            ({"messageid": "77", "status": "3"}, b""),
            ({"messageid": "77", "status": "-10"}, b""),
            ({}, b"[[[["),
            ({}, b"[1, null, []]"),
            ({}, b"\xff\xfe"),
        ],
    )
    def test_ignore_an_invalid_report(self, fields, body):
        assert self.provider.read_reports(fields, body) == []

    def test_read_an_inbound_text(self):
        fields = {"messageid": "7", "from": "09121234567", "to": "10004346", "message": "۱۱"}

        assert self.provider.read_inbound(fields, b"") == Inbound("+989121234567", "10004346", "۱۱", "7")
        assert self.provider.read_inbound({"from": "bank"}, b"") is None
