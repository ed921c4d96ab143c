"""The rows behind each figure of the final sales report are as many as the figure says, whatever happened."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.services.report.behind import Cell, Figure, rows_of_cell
from app.services.report.figures import tables_of
from app.services.report.question import Group, Question
from models.tenancy.scope import Actor, bind
from tests.report.history import History, histories
from tests.report.test_figures import HISTORIES, acting, people, ranges

pytestmark = pytest.mark.usefixtures("colleagues_rows")
FIXTURES = acting, people


def value_of(figures, figure):
    return getattr(figures, figure.value)


def same_rows(question):
    total, tables = tables_of(question, list(Group))
    for figure in Figure:
        assert len(rows_of_cell(question, Cell(figure))) == value_of(total, figure), (question, figure)
        for group, table in zip(Group, tables, strict=True):
            summed = rows_of_cell(question, Cell(figure, group, is_sum=True)).values()
            counted = {key: value_of(each, figure) for key, each in table.rows.items()}
            assert Counter(each.key for each in summed) == +Counter(counted), (question, figure, group)
            for key in table.rows:
                rows = rows_of_cell(question, Cell(figure, group, key)).values()
                assert {each.id for each in rows} == {each.id for each in summed if each.key == key}


@settings(
    max_examples=HISTORIES // 4,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=histories, days=ranges(), same_numbers=st.booleans(), of_product=st.booleans())
def test_the_rows_of_every_figure(
    session, organization, manager, people, acts, days, same_numbers, of_product
):
    savepoint = session.begin_nested()
    try:
        history = History(session, organization, manager, people)
        for act in acts:
            history.apply(*act)
        product_id = history.products[0].id if of_product else None
        question = Question(*days, product_id=product_id, same_numbers=same_numbers)
        same_rows(question)
        bind(session, Actor(organization.id, people[0].id, own=True))
        same_rows(question)
    finally:
        bind(session, Actor(organization.id, manager.id))
        savepoint.rollback()
        session.expire_all()
