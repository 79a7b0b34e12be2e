"""The slices of a wheel: weights, what each gives, and which is drawn by a number."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID

MOST_SLICES: Final = 60
LARGEST_WEIGHT: Final = 10**9

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,15}$")]


class SliceKind(StrEnum):
    """What a slice gives: a prize of the prizes service, units of a purse, one more spin, or nothing."""

    PRIZE = "prize"
    UNITS = "units"
    AGAIN = "again"
    NOTHING = "nothing"


class Slice(BaseModel):
    """A slice of a wheel."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "hundred",
                "title": "100 points",
                "title_fa": "۱۰۰ امتیاز",
                "kind": "units",
                "weight": 5,
                "units": 100,
                "stock": 50,
                "substitute": "nothing",
            }
        },
    )

    code: Code
    title: Title
    title_fa: Title
    kind: SliceKind
    weight: int = Field(
        ge=0, le=LARGEST_WEIGHT, description="Its chance is this of the sum of all weights; 0: never drawn."
    )
    prize_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Of a `prize`.")
    units: int | None = Field(default=None, ge=1, le=LARGEST_AMOUNT, description="Of `units`.")
    purse: int | None = Field(
        default=None, ge=60, le=99, description="Account type of `units`; left out: 91, points."
    )
    valid_days: int | None = Field(
        default=None, ge=1, le=3660, description="So long `units` can be spent; null: as the purse has it."
    )
    stock: int | None = Field(
        default=None, ge=0, le=LARGEST_AMOUNT, description="How often it can be given at all; null: always."
    )
    substitute: Code | None = Field(
        default=None, description="Given in its place once it is out; needed where it can be."
    )

    @model_validator(mode="after")
    def _agrees(self) -> "Slice":
        if (self.prize_id is not None) != (self.kind is SliceKind.PRIZE):
            raise ValueError("prize_id is a prize's, and needed there")
        if (self.units is not None) != (self.kind is SliceKind.UNITS):
            raise ValueError("units are for slices of this kind, and needed there")
        if self.kind is not SliceKind.UNITS and (self.purse is not None or self.valid_days is not None):
            raise ValueError("purse and valid_days are for units")
        if self.can_run_out != (self.substitute is not None):
            raise ValueError("a slice that can run out has a substitute, and no other")
        return self

    @property
    def can_run_out(self) -> bool:
        """Whether it can be out: it has a stock here, or its prize has one."""
        return self.stock is not None or self.kind is SliceKind.PRIZE


def check(slices: Sequence[Slice]) -> None:
    """See that something can be drawn, and that each substitute leads to a slice that can't run out.

    Raises:
        ValueError: it doesn't.
    """
    by_code = {each.code: each for each in slices}
    if len(by_code) != len(slices):
        raise ValueError("two slices have the same code")
    if not total_weight(slices):
        raise ValueError("the weights' sum is at least 1")
    for each in slices:
        found, steps = each, 0
        while found.substitute is not None:
            following = by_code.get(found.substitute)
            steps += 1
            if following is None or steps > len(slices):
                raise ValueError("a substitute is no slice, or the substitutes go round in a circle")
            found = following


def total_weight(slices: Sequence[Slice]) -> int:
    """The sum of the weights: so many numbers can be drawn."""
    return sum(each.weight for each in slices)


def slice_at(slices: Sequence[Slice], number: int) -> Slice:
    """The slice that a number stands for: each has as many numbers as its weight, one slice after another.

    Parameters:
        number: from 0 up to, but without, the sum of the weights.

    Raises:
        ValueError: it isn't.
    """
    left = number
    if left >= 0:
        for each in slices:
            left -= each.weight
            if left < 0:
                return each
    raise ValueError("no slice has this number")
