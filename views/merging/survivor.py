"""The page of a merged customer, which leads to the customer that they became."""

from __future__ import annotations

from typing import Any

from flask import redirect
from flask_appbuilder import expose
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.extensions import db
from app.panel.access import requires, row_key
from models.customer import Customer
from models.tenancy.scope import whole_organization
from views.merging.duplicates import Duplicates


class Survivors(Duplicates):
    """/show/<pk> of merged customers."""

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> Any:
        """The page of a customer; that of a merged one leads to the customer that they became."""
        try:
            return super().show(pk)
        except NotFound:
            survivor = self._survivor_of(row_key(pk))
            if survivor is None:
                raise
            return redirect(f"{self.base_url}show/{survivor}")

    def _survivor_of(self, key: int) -> int | None:
        """The customer in sight that the merged customer *key* became, over any number of merges."""
        start = select(Customer.id, Customer.merged_into_id).where(Customer.id == key)
        chain = start.cte("chain", recursive=True)
        step = select(Customer.id, Customer.merged_into_id).join(chain, Customer.id == chain.c.merged_into_id)
        chain = chain.union(step)
        with whole_organization(db.session()):  # the merged one may have no consultant by now
            keys = db.session.scalars(select(chain.c.id), execution_options={"with_deleted": True}).all()
        living = self.statement().where(Customer.id.in_(keys), Customer.id != key)
        found: int | None = db.session.scalar(living.with_only_columns(Customer.id))
        return found
