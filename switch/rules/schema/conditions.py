"""Conditions: a tree of all, any and not over tests of one fact each. Data only, no code."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, StrictInt, Tag

from switch.rules.packing.bounds import AMOUNT_MAX, ITEM_TESTS_MAX, VALUES_MAX
from switch.rules.schema.values import FactText, Part

Op = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not_in",
    "between",
    "has",
    "has_any",
    "has_all",
    "any_in",
    "all_in",
    "exists",
]
# Tags of unions; faults leave them out of their paths.
TAG_PREFIX: Final = "<"

_Number = Annotated[StrictInt, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX)]


def _scalar_form(value: object) -> str | None:
    if isinstance(value, str):
        return "<text>"
    return "<number>" if isinstance(value, int) and not isinstance(value, bool) else None


def _value_form(value: object) -> str | None:
    return "<list>" if isinstance(value, list | tuple) else _scalar_form(value)


Scalar = Annotated[
    Annotated[_Number, Tag("<number>")] | Annotated[FactText, Tag("<text>")],
    Discriminator(
        _scalar_form,
        custom_error_type="scalar",
        custom_error_message="a value in a list is a whole number or a text",
    ),
]
Scalars = Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=VALUES_MAX)]
TestValue = Annotated[
    Annotated[_Number, Tag("<number>")]
    | Annotated[FactText, Tag("<text>")]
    | Annotated[Scalars, Tag("<list>")],
    Discriminator(
        _value_form,
        custom_error_type="value",
        custom_error_message="a value is a whole number, a text or a list of these",
    ),
]


class Test(Part):
    """One fact compared: `f` its name, `op` how, `v` with what (nothing for exists)."""

    __test__ = False  # pytest takes classes of this name for its own

    f: Annotated[str, Field(min_length=1, max_length=64)]
    op: Op
    v: TestValue | None = None

    @property
    def values(self) -> tuple[int | str, ...]:
        """All values; one alone stands for a list of one."""
        if self.v is None:
            return ()
        return self.v if isinstance(self.v, tuple) else (self.v,)


class AllOf(Part):
    """Every part holds."""

    all: Annotated[tuple["Condition", ...], Field(min_length=1)]


class AnyCondition(Part):
    """At least one part holds."""

    any: Annotated[tuple["Condition", ...], Field(min_length=1)]


class NotCondition(Part):
    """The part doesn't hold."""

    not_: "Condition" = Field(alias="not")


_FORMS: Final = (("f", "<test>"), ("all", "<all>"), ("any", "<any>"), ("not", "<not>"))
_FORM_OF: Final[dict[type, str]] = {
    Test: "<test>",
    AllOf: "<all>",
    AnyCondition: "<any>",
    NotCondition: "<not>",
}


def _form(node: object) -> str | None:
    if isinstance(node, dict):
        for key, tag in _FORMS:
            if key in node:
                return tag
        return None
    return _FORM_OF.get(type(node))


Condition = Annotated[
    Annotated[Test, Tag("<test>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyCondition, Tag("<any>")]
    | Annotated[NotCondition, Tag("<not>")],
    Discriminator(
        _form,
        custom_error_type="condition",
        custom_error_message="a condition is {all}, {any}, {not} or a test {f, op, v}",
    ),
]

AllOf.model_rebuild()
AnyCondition.model_rebuild()
NotCondition.model_rebuild()


class ItemSelection(Part):
    """Basket lines by what they are."""

    f: Literal["item.sku", "item.category", "item.label"]
    v: Annotated[tuple[FactText, ...], Field(min_length=1, max_length=VALUES_MAX)]


ItemSelections = Annotated[tuple[ItemSelection, ...], Field(max_length=ITEM_TESTS_MAX)]


def tests_of(condition: Condition) -> Iterator[Test]:
    """Every test of a condition."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, NotCondition):
        yield from tests_of(condition.not_)
    else:
        for part in condition.all if isinstance(condition, AllOf) else condition.any:
            yield from tests_of(part)
