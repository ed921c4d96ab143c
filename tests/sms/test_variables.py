"""The page of SMS variables: their values, two managers at once, and a deletion that is undone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib import clock
from app.services.sms.text.variables import add_variable, set_value, value_of
from models.sms.template import SmsVariable
from models.tenancy.scope import Actor, acting_as
from tests.factories import SmsTemplateFactory, member
from tests.support.pages import untouched

URL = "/settings/sms-variables/"


@pytest.fixture
def variable(session, manager, consultant):
    row = add_variable("شعبه", "نشانی شعبه")
    set_value(row, "تهران", member=None)
    set_value(row, "ونک", member=consultant)
    session.commit()
    return row


def inputs(page):
    """What the form of values would send if nobody touched it."""
    form = page[page.index('id="form"') :].partition("</form>")[0]
    typed = dict(re.findall(r'name="((?:value|common)-\d+)" value="([^"]*)"', form))
    return untouched(form) | typed


class TestAdding:
    def test_a_title_that_is_too_long_is_told_so(self, login, manager):
        page = login(manager).post(f"{URL}add", data={"key": "شعبه", "title": "ن" * 81}).text

        assert "حداکثر ۸۰ نویسه بنویسید." in page

    def test_the_values_can_be_saved_after_a_refusal(self, session, login, manager, variable):
        browser = login(manager)
        page = browser.post(f"{URL}add", data={"key": "شعبه", "title": "دوباره"}).text

        actions = re.findall(r'<form[^>]*id="form"[^>]* action="([^"]*)"', page)
        assert actions == [URL]

    def test_a_manager_reads_how_to_begin_and_a_consultant_who_does(self, login, manager, consultant):
        assert "نخستین متغیر را در پایین تعریف کنید" in login(manager).get(URL).text
        assert "مدیر شما آن‌ها را تعریف می‌کند" in login(consultant).get(URL).text


class TestTwoManagers:
    @pytest.fixture
    def other(self, session, manager, organization):
        return member("Manager", organization, "other-manager")

    def test_what_one_left_alone_stays_as_the_other_saved_it(self, session, login, manager, other, variable):
        second = add_variable("تلفن", "تلفن شعبه")
        session.commit()
        opened = inputs(login(manager).get(URL).text)
        login(other).post(URL, data={f"common-{variable.id}": "شیراز"})

        answer = login(manager).post(URL, data=opened | {f"common-{second.id}": "۱۲۳"})

        session.expire_all()
        assert answer.status_code == 302
        assert (value_of(variable, None), value_of(second, None)) == ("شیراز", "۱۲۳")

    def test_the_second_of_one_value_is_told_and_may_say_it_again(
        self, session, login, manager, other, variable
    ):
        name, browser = f"common-{variable.id}", login(manager)
        opened = inputs(browser.get(URL).text)
        login(other).post(URL, data={name: "شیراز"})

        answer = browser.post(URL, data=opened | {name: "کرج"})

        session.expire_all()
        assert answer.status_code == 422
        assert "کسی این را به «شیراز» تغییر داد" in answer.text
        assert value_of(variable, None) == "شیراز"
        assert browser.post(URL, data=inputs(answer.text)).status_code == 302
        session.expire_all()
        assert value_of(variable, None) == "کرج"


class TestADeletion:
    @pytest.fixture
    def undo_url(self, session, login, manager, variable):
        browser = login(manager)
        browser.post(f"{URL}delete/{variable.id}")
        assert session.scalar(select(SmsVariable)) is None
        return re.search(rf"{URL}undo/[0-9a-f-]+", browser.get(URL).text)[0]

    def test_is_undone_with_the_values_of_all(self, session, login, manager, consultant, undo_url):
        login(manager).post(undo_url)

        session.expire_all()
        row = session.scalars(select(SmsVariable)).one()
        assert (value_of(row, None), value_of(row, consultant)) == ("تهران", "ونک")

    def test_is_undone_by_nobody_else(self, session, login, organization, consultant, undo_url):
        other = member("Manager", organization, "other-manager")

        login(other).post(undo_url)
        assert login(consultant).post(undo_url).status_code == 403
        assert login(other).post(f"{URL}undo/1").status_code == 404

        session.expire_all()
        assert session.scalar(select(SmsVariable)) is None

    def test_is_not_undone_after_ten_minutes(self, session, login, manager, undo_url):
        clock.start_at(clock.now() + timedelta(minutes=11))

        login(manager).post(undo_url)

        session.expire_all()
        assert session.scalar(select(SmsVariable)) is None

    def test_is_refused_where_a_new_one_has_the_name(self, session, login, manager, undo_url):
        add_variable("شعبه", "تازه")
        session.commit()

        login(manager).post(undo_url)

        session.expire_all()
        assert session.scalars(select(SmsVariable)).one().title == "تازه"

    def test_is_refused_while_a_title_uses_it(self, session, login, manager, variable):
        SmsTemplateFactory(body="سلام {شعبه}")
        session.commit()

        login(manager).post(f"{URL}delete/{variable.id}")

        session.expire_all()
        assert session.scalars(select(SmsVariable)).one() == variable

    def test_of_a_stranger_is_none(self, session, login, stranger_organization, manager):
        with acting_as(session, Actor(stranger_organization.id)):
            theirs = add_variable("شعبه", "شعبه").id
            session.commit()

        assert login(manager).post(f"{URL}delete/{theirs}").status_code == 404


@pytest.mark.parametrize(
    ("body", "named"), [("سلام {}", "{}"), ("سلام { }", "{}"), ("سلام {ناشناس}", "ناشناس")]
)
def test_a_placeholder_without_a_variable_is_named(login, manager, body, named):
    data = {"title": "متن", "category": "service", "body": body, "is_active": "y"}

    answer = login(manager).post("/sms-templates/add", data=data)

    assert answer.status_code == 422
    assert f"چنین متغیری نیست: {named}" in answer.text
