"""The form of a question without its values: statements are built once for a form, and the values are parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, bindparam

from app.services.report.periods import Grain
from app.services.report.question import Group, Question
from models.types import UtcDateTime


@dataclass(frozen=True)
class Bounds:
    """The parameters for the first instant of a period and for the first one after it."""

    start: Any
    end: Any


@dataclass(frozen=True)
class Shape:
    """Stands in for a question where a statement is built: the same attributes, with parameters as values."""

    groups: tuple[Group | None, ...]
    has_member: bool
    has_consultant: bool
    has_product: bool
    has_source: bool
    same_numbers: bool
    # The number of the periods of each grain among the groups.
    counts: tuple[tuple[Grain, int], ...]

    @property
    def member_id(self) -> Any:
        return _key("member") if self.has_member else None

    @property
    def consultant_id(self) -> Any:
        return _key("consultant") if self.has_consultant else None

    @property
    def product_id(self) -> Any:
        return _key("product") if self.has_product else None

    @property
    def source_id(self) -> Any:
        return _key("source") if self.has_source else None

    @property
    def organization_id(self) -> Any:
        return _key("here")

    @property
    def whole(self) -> Bounds:
        return Bounds(_time("first"), _time("end"))

    def periods(self, grain: Grain) -> list[Bounds]:
        count = dict(self.counts)[grain]
        return [Bounds(_time(f"{grain.value}_{n}"), _time(f"{grain.value}_{n + 1}")) for n in range(count)]

    def later(self, grain: Grain) -> Any:
        """The starts of all periods but the first one, as one array."""
        return bindparam(f"later_{grain.value}", type_=ARRAY(UtcDateTime()))


def shape_of(question: Question, groups: tuple[Group | None, ...], member_id: int | None) -> Shape:
    return Shape(
        groups,
        member_id is not None,
        question.consultant_id is not None,
        question.product_id is not None,
        question.source_id is not None,
        question.same_numbers,
        tuple((grain, len(question.periods(grain))) for grain in _grains(groups)),
    )


def values_of(
    question: Question, groups: tuple[Group | None, ...], member_id: int | None, organization_id: int | None
) -> dict[str, Any]:
    """The values of the parameters of a statement for `shape_of` the same question."""
    values: dict[str, Any] = {
        "member": member_id,
        "consultant": question.consultant_id,
        "product": question.product_id,
        "source": question.source_id,
        "here": organization_id,
        "first": question.whole.start,
        "end": question.whole.end,
    }
    for grain in _grains(groups):
        periods = question.periods(grain)
        values |= {f"{grain.value}_{place}": each.start for place, each in enumerate(periods)}
        values[f"{grain.value}_{len(periods)}"] = periods[-1].end
        values[f"later_{grain.value}"] = question.later(grain).value
    return values


def _grains(groups: tuple[Group | None, ...]) -> list[Grain]:
    return [grain for grain in Grain if any(group is not None and group.grain is grain for group in groups)]


def _key(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


def _time(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=UtcDateTime())
