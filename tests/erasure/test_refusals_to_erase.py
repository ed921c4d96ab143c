"""Who may not erase a customer, and when nobody may."""

import pytest
from sqlalchemy import func, select

from models.customer import Customer
from tests.factories import CustomerFactory, FollowUpFactory, member


@pytest.fixture
def person(session, manager):
    row = CustomerFactory(mobile="+989123450817", first_name="گلاره", last_name="شهنوازی")
    CustomerFactory()
    session.commit()
    return row


def erase(browser, customer_id, digits="0817", **fields):
    data = {"_step": "run", "digits": digits, **fields}
    return browser.post(f"/customers/action/erase/{customer_id}", data=data)


class TestRefusals:
    def test_wrong_digits_erase_nothing(self, session, login, manager, person):
        answer = erase(login(manager), person.id, "1111", versions="")

        assert answer.status_code == 422
        assert "این چهار رقم آخر موبایل نیست" in answer.text
        assert session.get(Customer, person.id).erased_at is None

    def test_the_dialog_names_the_consequences_and_erases_nothing(self, session, login, manager, person):
        page = login(manager).post(f"/customers/action/erase/{person.id}").text

        assert "این کار برگشت‌پذیر نیست" in page
        assert "چهار رقم آخر موبایل" in page
        assert session.get(Customer, person.id).erased_at is None

    def test_persian_digits_count(self, login, manager, person):
        assert erase(login(manager), person.id, "۰۸۱۷").status_code == 302

    def test_an_open_follow_up_is_closed_first(self, session, login, manager, consultant, person):
        FollowUpFactory(consultant_id=consultant.id, order__customer=person)
        session.commit()

        answer = erase(login(manager), person.id)

        assert session.get(Customer, person.id).erased_at is None
        assert "پیگیری باز دارد" in login(manager).get("/customers/").text + answer.text

    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
    def test_only_managers_may(self, session, login, organization, person, role):
        assert erase(login(member(role, organization, "some-one")), person.id).status_code == 403

    def test_a_manager_of_another_organisation_finds_nobody(
        self, session, login, stranger_organization, person
    ):
        stranger = member("Manager", stranger_organization, "far-manager")

        assert erase(login(stranger), person.id).status_code == 404
        assert session.scalar(select(func.count(Customer.id)).where(Customer.erased_at.is_not(None))) == 0
