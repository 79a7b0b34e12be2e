"""Queries for members: an expression of comparisons, joined by all, any and not, of bounded size."""

import re
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.jalali import CalendarDate, DateFault, parse_date
from host_api.core.short_code import SHORT_CODE_PATTERN

DEEPEST: Final = 6
MOST_PARTS: Final = 60
MOST_VALUES: Final = 100
LARGEST_NUMBER: Final = 10**15


class FieldName(StrEnum):
    """What can be asked for."""

    TIER = "tier"
    STATUS = "status"
    GROUP = "group"
    ORGANISATION = "organisation"
    CLUB_LEVEL = "club_level"
    RISK_CLASS = "risk_class"
    IN_GROUP = "in_group"
    JOINED_ON = "joined_on"
    MEMBER_DAYS = "member_days"
    PURCHASE_AMOUNT = "purchase_amount"
    PURCHASE_COUNT = "purchase_count"
    LAST_PURCHASE_DAYS = "last_purchase_days"
    MERCHANT = "merchant"
    BRANCH = "branch"
    CARD_TYPE = "card_type"
    BALANCE = "balance"


class Operator(StrEnum):
    """How a field is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    NOT_IN = "not_in"


_ONE: Final = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
_SET: Final = frozenset({Operator.IN, Operator.NOT_IN})
_ORDER: Final = frozenset({Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST})

TEXTS: Final = frozenset(
    {
        FieldName.TIER,
        FieldName.STATUS,
        FieldName.GROUP,
        FieldName.ORGANISATION,
        FieldName.CLUB_LEVEL,
        FieldName.RISK_CLASS,
    }
)
SETS: Final = frozenset({FieldName.IN_GROUP, FieldName.MERCHANT, FieldName.BRANCH, FieldName.CARD_TYPE})
NUMBERS: Final = frozenset(
    {FieldName.MEMBER_DAYS, FieldName.PURCHASE_AMOUNT, FieldName.PURCHASE_COUNT, FieldName.BALANCE}
    | {FieldName.LAST_PURCHASE_DAYS}
)
OF_PURCHASES: Final = frozenset(
    {FieldName.PURCHASE_AMOUNT, FieldName.PURCHASE_COUNT, FieldName.MERCHANT, FieldName.BRANCH}
)

_Word = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
_Number = Annotated[int, Field(strict=True, ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
_MerchantId = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,15}$")]
_BRANCH_PATTERN: Final = r"^[A-Z0-9]{1,15}/[1-9][0-9]{0,5}$"


class Period(BaseModel):
    """The last days, or from one day to another, both among them; of the calendar in Tehran."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"last_days": 90}})

    last_days: int | None = Field(default=None, ge=1, le=3660, description="Today is one of them.")
    begin: CalendarDate | None = Field(default=None, alias="from")
    end: CalendarDate | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _is_one(self) -> "Period":
        ends = (self.begin, self.end)
        if self.last_days is not None:
            is_one = ends == (None, None)
        else:
            is_one = self.begin is not None and self.end is not None and self.begin <= self.end
        if not is_one:
            raise ValueError("a period is last_days, or from and to")
        return self


class Comparison(BaseModel):
    """One thing that is asked of a member."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"f": "purchase_amount", "op": ">=", "v": 50000000, "within": {"last_days": 90}}
        },
    )

    f: FieldName
    op: Operator
    v: _Number | _Word | Annotated[list[_Word], Field(min_length=1, max_length=MOST_VALUES)] = Field(
        description="A number, a word, a list of words, or for `joined_on` a date."
    )
    within: Period | None = Field(default=None, description="Only purchases of this period.")
    merchants: Annotated[list[_MerchantId], Field(max_length=MOST_VALUES)] = Field(
        default=[], description="Only purchases at these merchants."
    )
    purse: str | None = Field(
        default=None, pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="The purse of a `balance`."
    )

    @model_validator(mode="after")
    def _agrees(self) -> "Comparison":
        if self.f in TEXTS:
            kind: type = list if self.op in _SET else str
            allowed = _ONE | _SET
        elif self.f in SETS:
            kind, allowed = list, _SET
        elif self.f is FieldName.JOINED_ON:
            kind, allowed = str, frozenset({Operator.LESS, Operator.AT_LEAST})
        else:
            kind, allowed = int, _ORDER | {Operator.EQUAL}
        if self.op not in allowed:
            raise ValueError(f"{self.f} can't be compared by {self.op}")
        if not isinstance(self.v, kind):
            raise ValueError(f"{self.f} {self.op} wants another kind of value")
        if (self.purse is not None) != (self.f is FieldName.BALANCE):
            raise ValueError("purse is for balance, and needed there")
        if self.within is not None and self.f not in OF_PURCHASES:
            raise ValueError("within is for what is counted in a period")
        if self.merchants and self.f not in OF_PURCHASES - SETS:
            raise ValueError("merchants is for amount and number of purchases")
        self._check_values()
        return self

    def _check_values(self) -> None:
        if self.f is FieldName.JOINED_ON:
            try:
                parse_date(str(self.v))
            except DateFault as fault:
                raise ValueError(fault.message) from None
        pattern = {FieldName.BRANCH: _BRANCH_PATTERN, FieldName.IN_GROUP: SHORT_CODE_PATTERN}.get(self.f)
        if pattern is not None and not all(re.fullmatch(pattern, word) for word in self.words):
            raise ValueError(f"{self.f} wants values of another form")

    @property
    def words(self) -> tuple[str, ...]:
        """The words asked for."""
        return tuple(self.v) if isinstance(self.v, list) else (str(self.v),)


class All(BaseModel):
    """Every part holds."""

    model_config = ConfigDict(extra="forbid")

    all: Annotated[list["Expression"], Field(min_length=1, max_length=MOST_PARTS)]


class AnyOf(BaseModel):
    """At least one part holds."""

    model_config = ConfigDict(extra="forbid")

    any: Annotated[list["Expression"], Field(min_length=1, max_length=MOST_PARTS)]


class Not(BaseModel):
    """The part doesn't hold."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    not_: "Expression" = Field(alias="not")


def _kind_of(value: object) -> Literal["all", "any", "not", "comparison"]:
    if isinstance(value, All) or (isinstance(value, dict) and "all" in value):
        return "all"
    if isinstance(value, AnyOf) or (isinstance(value, dict) and "any" in value):
        return "any"
    if isinstance(value, Not) or (isinstance(value, dict) and "not" in value):
        return "not"
    return "comparison"


Expression = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Comparison, Tag("comparison")],
    Discriminator(_kind_of),
]
All.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()


def _bounded(value: object) -> object:
    """Refuse what is too large before anything walks it by recursion."""
    level, parts = [value], 0
    for _ in range(DEEPEST):
        if not level:
            return value
        parts += len(level)
        if parts > MOST_PARTS:
            break
        level = [part for node in level for part in _parts(node)]
    if level or parts > MOST_PARTS:
        raise PydanticCustomError(
            "query_too_large",
            "At most 60 parts, 6 deep",
            {"message_fa": "پرس‌وجو حداکثر ۶۰ جزء و ۶ لایه دارد."},
        )
    return value


def _parts(node: object) -> list[object]:
    if isinstance(node, All):
        return [*node.all]
    if isinstance(node, AnyOf):
        return [*node.any]
    if isinstance(node, Not):
        return [node.not_]
    if not isinstance(node, dict):
        return []
    found: list[object] = []
    for key in ("all", "any"):
        if isinstance(node.get(key), list):
            found += node[key]
    if "not" in node:
        found.append(node["not"])
    return found


Query = Annotated[Expression, BeforeValidator(_bounded)]
