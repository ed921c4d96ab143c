"""The merge of customers: everything moves, nothing is lost, and the undo gives back what was there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now, start_at
from app.services.merge.merge import Outdated, merge_customers
from app.services.merge.relations import MOVED, STAYS, keys_to_customers, undeclared
from app.services.merge.undo import CannotUndo, undo_merge
from app.services.order.phone import write_phones_key
from app.services.order.place import place_order
from app.services.sms.consent import find_opt_out, opt_out
from models.customer import Address, Customer, CustomerPhone
from models.customer_merge import CustomerMerge
from models.order import OrderStatus
from models.organization import RepeatPolicy
from models.sms.consent import OptOutSource
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, DossierFactory, OrderFactory, ProductFactory
from tests.sales.merge_steps import furnished, merged, picture, wish

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture(autouse=True)
def acting(session, organization, manager):
    bind(session, Actor(organization.id, manager.id))


@pytest.fixture
def three(manager, consultant):
    """Three customers with rows of all kinds, and a fourth one whose rows must never change."""
    people = [furnished(number, manager=manager, consultant=consultant) for number in range(4)]
    return people[:3]


class TestEveryRelation:
    def test_every_key_to_customers_is_declared(self):
        assert not undeclared()

    def test_nothing_is_declared_that_no_table_has(self):
        declared = {f"{each.name}.{each.column}" for each in MOVED if each.column == "customer_id"}
        without_key = {"sms_exclusions.customer_id"}
        assert declared - without_key | STAYS == set(keys_to_customers())

    def test_a_new_key_is_missed(self, monkeypatch):
        monkeypatch.setattr("app.services.merge.relations.STAYS", STAYS - {"sales.counted_customer_id"})
        assert undeclared() == {"sales.counted_customer_id"}

    def test_all_rows_move_and_those_of_others_stay(self, session, three):
        before = picture()
        survivor, *absorbed = three
        act = merged(*three)
        after = picture()

        keys = {each.id for each in three}
        moved = 0
        for each in MOVED:
            for key, row in before[each.name].items():
                if row.get("parent_type", "customers") != "customers":
                    continue
                mine = row[each.column] in keys
                assert after[each.name][key][each.column] == (survivor.id if mine else row[each.column])
                moved += row[each.column] in keys - {survivor.id}
        assert act.moved == moved > 0
        for each in absorbed:
            assert after["customers"][each.id]["merged_into_id"] == survivor.id
            assert after["customers"][each.id]["deleted_at"] is not None

    def test_reports_count_for_the_customers_of_their_time(self, three):
        before = picture()
        merged(*three)
        after = picture()
        for name in ("assignments", "sales"):
            for key, row in before[name].items():
                assert after[name][key]["counted_customer_id"] == row["counted_customer_id"]


class TestUndo:
    def test_gives_back_the_same_rows(self, session, three):
        before = picture()
        act = merged(*three)
        parted = undo_merge(act)

        assert picture() == before
        assert (dict(parted.stayed), list(parted.fields), parted.orders) == ({}, [], 0)

    @pytest.mark.parametrize("policy", list(RepeatPolicy))
    def test_gives_back_orders_of_one_product(self, session, organization, manager, consultant, policy):
        organization.repeat_policy = policy
        product = ProductFactory()
        first = furnished(1, manager=manager, consultant=consultant, product=product)
        second = CustomerFactory()
        original = OrderFactory(customer=second, product=product)
        OrderFactory(customer=second, product=product, is_repeat=True, repeat_of_id=original.id)
        OrderFactory(customer=first)
        before = picture()
        undo_merge(merged(first, second))

        assert picture() == before

    def test_gives_back_chosen_values_and_the_same_mobile(self, session, manager):
        first = CustomerFactory(city="قم", note="یک")
        second = CustomerFactory(city="یزد", note="دو", email="a@b.ir", dossier_id=DossierFactory().id)
        second.opted_out = True
        session.flush()
        before = picture()
        act = merged(first, second, mobile=second, city=second)

        assert (first.city, first.mobile, first.note) == ("یزد", second.mobile, "یک\n\nدو")
        assert first.opted_out
        assert first.email == "a@b.ir"
        assert first.dossier_id == second.dossier_id
        undo_merge(act)
        assert picture() == before

    def test_gives_back_phones_and_default_addresses_that_two_have(self, session, manager):
        first, second, third = (CustomerFactory() for _ in range(3))
        for each in (first, second):
            session.add(CustomerPhone(customer_id=each.id, number="02188776655"))
        session.add(CustomerPhone(customer_id=second.id, number=first.mobile))
        for each in (second, third):
            session.add(Address(customer_id=each.id, line="خیابان", is_default=True))
        session.flush()
        for each in (first, second):
            write_phones_key(each.id)
        before = picture()
        act = merged(first, second, third)

        numbers = session.scalars(
            select(CustomerPhone.number)
            .where(CustomerPhone.customer_id == first.id)
            .order_by(CustomerPhone.id)
        ).all()
        assert numbers == ["+982188776655", second.mobile, third.mobile]
        flagged = session.scalars(select(Address.is_default).where(Address.customer_id == first.id)).all()
        assert sorted(flagged) == [False, True]
        undo_merge(act)
        assert picture() == before

    def test_of_a_second_merge_comes_first(self, session, manager):
        a, b, c = (CustomerFactory() for _ in range(3))
        before = picture()
        inner = merged(b, c)
        outer = merged(a, b)

        with pytest.raises(CannotUndo):
            undo_merge(inner)
        undo_merge(outer)
        undo_merge(inner)
        assert picture() == before

    def test_happens_once_and_within_thirty_days(self, session, manager):
        act = merged(CustomerFactory(), CustomerFactory())
        late = merged(CustomerFactory(), CustomerFactory())
        undo_merge(act)
        late.created_at = now() - timedelta(days=30)
        session.flush()

        for each in (act, late):
            with pytest.raises(CannotUndo):
                undo_merge(each)

    def test_is_refused_where_another_customer_has_the_number(self, session, manager):
        first, second = CustomerFactory(), CustomerFactory()
        act = merged(first, second)
        other = CustomerFactory(mobile=second.mobile, last_name="دیگری")

        with pytest.raises(CannotUndo, match="دیگری"):
            undo_merge(act)
        assert session.get(Customer, other.id).deleted_at is None

    def test_sends_new_rows_to_their_side_and_says_what_stays(self, session, manager, consultant):
        first = furnished(1, manager=manager, consultant=consultant)
        second = furnished(2, manager=manager, consultant=consultant)
        mobile, product = second.mobile, ProductFactory()
        act = merged(first, second)
        start_at(now() + timedelta(hours=1))
        by_mobile = place_order(customer_fields={"mobile": mobile}, product=product)
        by_name = OrderFactory(customer=first)
        assert by_mobile.customer_id == first.id
        parted = undo_merge(act)
        session.expire_all()

        assert by_mobile.customer_id == second.id
        assert by_name.customer_id == first.id
        assert parted.stayed == {"سفارشات": 1}

    def test_keeps_what_was_changed_since(self, session, manager):
        first, second = CustomerFactory(city="قم"), CustomerFactory(city="یزد")
        act = merged(first, second, city=second)
        first.city = "ری"
        session.flush()
        parted = undo_merge(act)

        assert first.city == "ری"
        assert parted.fields == ["city"]


class TestLater:
    def test_orders_with_former_mobiles_find_each_its_own_survivor(self, session, manager):
        pairs = [[CustomerFactory(mobile=f"+9891211100{n}{m}") for m in range(2)] for n in range(2)]
        for first, second in pairs:
            merged(first, second)
        session.commit()

        found = [
            place_order(customer_fields={"mobile": f"+9891211100{n}1"}, product=ProductFactory()).customer_id
            for n in range(2)
        ]

        assert found == [first.id for first, _second in pairs]

    def test_an_order_with_a_former_mobile_finds_the_survivor(self, session, manager):
        first, second, product = CustomerFactory(), CustomerFactory(), ProductFactory()
        mobile = second.mobile
        merged(first, second)
        order = place_order(customer_fields={"mobile": mobile, "city": "ساری"}, product=product)

        session.refresh(first)

        assert order.customer_id == first.id
        assert first.city == "ساری"
        assert order.placed_with == mobile
        assert session.scalar(select(Customer.id).where(Customer.mobile == mobile)) is None

    def test_a_phone_that_was_no_mobile_finds_nobody(self, session, manager):
        first, product = CustomerFactory(), ProductFactory()
        session.add(CustomerPhone(customer_id=first.id, number="09120001122"))
        session.flush()
        order = place_order(customer_fields={"mobile": "09120001122"}, product=product)

        assert order.customer_id != first.id
        assert order.placed_with is None

    def test_the_oldest_order_is_the_original(self, session, organization, manager, consultant):
        organization.repeat_policy = RepeatPolicy.HOLD
        product = ProductFactory()
        first, second = CustomerFactory(), CustomerFactory()
        older = OrderFactory(customer=second, product=product)
        newer = OrderFactory(customer=first, product=product)
        other = OrderFactory(customer=first)
        merged(first, second)
        session.expire_all()

        assert (newer.repeat_of_id, newer.status) == (older.id, OrderStatus.HELD)
        assert (older.repeat_of_id, other.repeat_of_id) == (None, None)

    def test_an_opt_out_stays_and_holds_for_the_survivor(self, session, manager):
        first, second = CustomerFactory(), CustomerFactory()
        opt_out(second.mobile, OptOutSource.INBOUND)
        session.refresh(second)
        merged(first, second)

        assert first.opted_out
        assert find_opt_out(second.mobile).source is OptOutSource.INBOUND
        assert find_opt_out(first.mobile) is not None


class TestOutdated:
    def test_a_changed_customer_is_refused(self, session, manager):
        first, second = CustomerFactory(), CustomerFactory()
        seen = wish(first, second)
        second.city = "ری"
        session.flush()

        with pytest.raises(Outdated):
            merge_customers(seen, at=now())
        assert session.scalar(select(CustomerMerge.id)) is None

    def test_a_merged_one_is_refused(self, session, manager):
        first, second, third = (CustomerFactory() for _ in range(3))
        seen = wish(second, third)
        merged(first, second)

        with pytest.raises(Outdated):
            merge_customers(seen, at=now())
        assert third.merged_into_id is None

    def test_a_strangers_customer_is_refused(self, session, organization, stranger_organization, manager):
        mine = CustomerFactory()
        bind(session, Actor(stranger_organization.id))
        strange = CustomerFactory()
        bind(session, Actor(organization.id, manager.id))

        with pytest.raises(Outdated):
            merge_customers(wish(mine, strange), at=now())

    def test_the_trash_shows_no_merged_customer(self, session, manager, login):
        first, second = CustomerFactory(), CustomerFactory(last_name="پنهان")
        gone = CustomerFactory(last_name="زباله", deleted_at=now())
        merged(first, second)
        session.commit()
        page = login(manager).get("/trash/?section=customers").text

        assert "زباله" in page
        assert str(gone.id)
        assert "پنهان" not in page
