"""Message texts: variables, the line for opting out, and removal of links from names."""

from __future__ import annotations

import pytest

from app.gateways.sms.registry import limits_of
from app.lib.sms_text.keyword import Keyword, keyword_of
from app.services.sms.text.footer import with_footer
from app.services.sms.text.limits import current_limits
from app.services.sms.text.record_fields import strip_links
from app.services.sms.text.render import render
from app.services.sms.text.variables import set_value
from models.sms.provider import ProviderKind
from models.sms.template import SmsCategory, SmsVariable, VariableKind
from tests.factories import CustomerFactory
from tests.support.sms import template


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("http://evil.ir/x", "http evil ir x"),
        ("www.evil.com", "www evil com"),
        ("evil。com", "evil com"),
        ("09121234567", ""),
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", ""),
        ("علی 0912 123 4567", "علی"),
        ("*123*1#", "123 1"),
        ("a@b.ir", "a b ir"),
        ("علی\u202e\u200fرضا", "علی رضا"),
        ("علی\nرضا", "علی رضا"),
        ("{mobile}", "mobile"),
        ("علی‌رضا", "علی‌رضا"),
        ("فروشگاه ۲۴", "فروشگاه ۲۴"),
        ("O’Neil", "O’Neil"),
        (None, ""),
    ],
)
def test_a_name_carries_no_link_and_no_number(name, left):
    assert strip_links(name) == left


class TestVariables:
    def texts(self, manager, body, **customer):
        row = template(body, category=SmsCategory.PATTERN)
        return render(row, CustomerFactory(**customer), manager.organization, manager, current_limits())

    def test_values_come_from_record_organisation_and_user(self, session, manager):
        found = self.texts(
            manager, "{نام} {name} {city} {سازمان} {کاربر}", first_name="مریم", last_name="رضایی", city="یزد"
        )

        assert found.text == f"مریم مریم رضایی یزد {manager.organization.name} {manager.full_name}"

    @pytest.mark.parametrize("written", ["نام خانوادگی", "نام_خانوادگی", "نام‌خانوادگي", " LAST_NAME "])
    def test_one_variable_has_many_spellings(self, session, manager, written):
        assert self.texts(manager, f"{{{written}}}", last_name="رضایی").text == "رضایی"

    def test_unknown_and_empty_variables_are_listed_as_written(self, session, manager):
        found = self.texts(manager, "{نام} {تخفیف} {city}", first_name=None, city="  ")

        assert found.missing == ("نام", "تخفیف", "city")
        assert found.text == ""

    def test_a_value_of_the_user_precedes_the_organisations(self, session, manager, consultant):
        variable = SmsVariable(key="کد تخفیف", title="کد", kind=VariableKind.TYPED)
        session.add(variable)
        session.flush()
        set_value(variable, "همه", member=None)
        set_value(variable, "من", member=manager)

        assert self.texts(manager, "{کد_تخفیف}").text == "من"
        row = template("{کد تخفیف}", category=SmsCategory.PATTERN)
        assert (
            render(row, CustomerFactory(), manager.organization, consultant, current_limits()).text == "همه"
        )

    def test_a_value_is_not_a_template(self, session, manager):
        assert self.texts(manager, "{name}", first_name="{mobile}", last_name="").text == "mobile"


def test_the_footer_is_added_once_where_it_is_required(session, manager):
    texts = {
        category: render(
            template("سلام", category=category),
            CustomerFactory(),
            manager.organization,
            manager,
            current_limits(),
        ).text
        for category in SmsCategory
    }

    assert texts == {
        SmsCategory.PATTERN: "سلام",
        SmsCategory.SERVICE: "سلام\nلغو۱۱",
        SmsCategory.ADVERTISING: "سلام\nلغو۱۱",
    }
    assert with_footer("سلام لغو 11", "off11") == "سلام لغو 11"


@pytest.mark.parametrize(
    ("text", "latin", "expected"),
    [
        ("Hello", "off11", "Hello\noff11"),
        ("Hello {€}", "off11", "Hello {€}\noff11"),
        ("Hello", None, "Hello\nلغو۱۱"),
        ("Hello سلام", "off11", "Hello سلام\nلغو۱۱"),
        ("Hello\nOFF 11", "off11", "Hello\nOFF 11"),
        ("Hello coff11", "off11", "Hello coff11\noff11"),
        ("Hello off 112", "off11", "Hello off 112\noff11"),
    ],
)
def test_a_latin_text_gets_the_latin_line_where_the_provider_takes_it(text, latin, expected):
    assert with_footer(text, latin) == expected


def test_the_reply_that_the_latin_line_names_opts_out():
    forms = {limits_of(kind).latin_footer for kind in ProviderKind} - {None}

    assert [form for form in forms if keyword_of(form) is not Keyword.STOP] == []
