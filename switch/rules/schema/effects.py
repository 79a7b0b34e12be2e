"""What a rule does: effects, and how their amounts are computed."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from switch.rules.packing.bounds import BANDS_MAX, LEVELS_MAX, SHARE_WHOLE
from switch.rules.schema.values import (
    Amount,
    AmountOrZero,
    Moment,
    Part,
    Period,
    PurseName,
    Reference,
    Text,
)

EffectName = Literal[
    "earn", "item", "voucher", "ticket", "discount", "cost", "tender", "convert", "deny", "require_pin"
]
CalcModeName = Literal["fixed", "rate", "percent", "banded", "multiplier"]
RoundingName = Literal["floor", "half_up", "ceil"]

DEFAULT_PURSE = {"item": "items", "voucher": "vouchers", "ticket": "tickets"}
_THINGS = frozenset(DEFAULT_PURSE)
_REFUSALS = frozenset(("deny", "require_pin"))
_MODES: dict[str, tuple[CalcModeName, ...]] = {
    "earn": ("fixed", "rate", "percent", "banded", "multiplier"),
    "item": ("fixed", "rate", "banded"),
    "voucher": ("fixed", "rate", "banded"),
    "ticket": ("fixed", "rate", "banded"),
    "discount": ("fixed", "rate", "percent", "banded"),
    "cost": ("fixed",),
    "tender": ("rate", "percent"),
    "convert": ("rate", "percent"),
    "deny": (),
    "require_pin": (),
}
# Which effects may have a part that not all have.
_PARTS: dict[str, frozenset[str]] = {
    "target": frozenset(("convert",)),
    "min": frozenset(("earn", "discount", "tender", "convert")) | _THINGS,
    "max": frozenset(("earn", "discount", "tender", "convert")) | _THINGS,
    "step": frozenset(("tender", "convert")),
    "share_max": frozenset(("tender",)),
    "pending": frozenset(("earn", "convert")) | _THINGS,
    "expiry": frozenset(("earn", "convert")) | _THINGS,
    "to": frozenset(("earn",)) | _THINGS,
    "levels": frozenset(("earn",)),
    "reference": frozenset(("earn",)) | _THINGS,
    "rounding": frozenset(("earn", "discount", "tender", "convert")) | _THINGS,
    "code": frozenset(("deny",)),
    "text": _REFUSALS,
}


class BandSpec(Part):
    """From this basis on: `give` for every `per`, or `give` once where there's no `per`."""

    from_: AmountOrZero = Field(alias="from")
    give: AmountOrZero
    per: Amount | None = None


class Calculation(Part):
    """How many units: `give` once, `give` for every `per` of the basis, or by bands of the basis.

    A percent is per 100. A multiplier makes `give`/`per` of what base rules gave: 2 per 1 doubles it.
    """

    mode: CalcModeName
    give: Amount | None = None
    per: Amount | None = None
    bands: Annotated[tuple[BandSpec, ...], Field(max_length=BANDS_MAX)] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if (self.mode == "banded") != bool(self.bands):
            yield "bands are for mode banded, and needed there"
        if (self.mode == "banded") == (self.give is not None):
            yield f"mode {self.mode} {'has no' if self.give is not None else 'needs'} give"
        if self.mode in ("fixed", "banded") and self.per is not None:
            yield f"mode {self.mode} has no per"
        if self.mode in ("rate", "multiplier") and self.per is None:
            yield f"mode {self.mode} needs per"
        if self.mode == "percent" and self.per not in (None, 100):
            yield "a percent has per = 100"
        if self.mode == "multiplier" and (self.give or 0) <= (self.per or 0):
            yield "a multiplier gives more than it is per"
        starts = [band.from_ for band in self.bands]
        if any(later <= earlier for earlier, later in pairwise(starts)):
            yield "bands rise"


class ExpirySpec(Part):
    """When what was earned expires. `at`, a plain date, is the last day on which it can be spent.

    `period` is counted from the local day of the earning, then moved up to the `end` of a day (default),
    week, month, quarter or year.
    """

    model: Literal["never", "rolling", "fixed"]
    period: Period | None = None
    end: Literal["day", "week", "month", "quarter", "year"] | None = None
    at: Moment | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.model == "rolling") != (self.period is not None):
            raise ValueError("period is for a rolling expiry, and needed there")
        if (self.model == "fixed") != (self.at is not None):
            raise ValueError("at is for a fixed expiry, and needed there")
        if self.end is not None and self.model != "rolling":
            raise ValueError("end is for a rolling expiry")
        return self


class LevelSpec(Part):
    """What one level of introducers gets: `give` for every `per`, or `give` once where there's no `per`."""

    give: AmountOrZero
    per: Amount | None = None


def _rounding(data: dict[str, object]) -> RoundingName:
    return "ceil" if data.get("type") == "tender" else "floor"


class EffectSpec(Part):
    """What the rule does to a purse, to the bill, or to the request.

    `min` and `max` bound what one transaction gives; what stays below `min` is nothing. Of a tender or a
    conversion they bound the units spent.
    """

    type: EffectName
    purse: PurseName | None = None
    target: PurseName | None = None
    calc: Calculation | None = None
    rounding: RoundingName = Field(
        default_factory=_rounding, description="default floor; a tender always rounds up"
    )
    min: Amount | None = None
    max: Amount | None = None
    step: Amount | None = None
    share_max: Annotated[StrictInt, Field(ge=1, le=SHARE_WHOLE)] | None = Field(
        None, description="greatest part of the bill, per thousand"
    )
    pending: Annotated[str, Field(pattern=r"^(none|on_action|P[1-9][0-9]{0,3}D)$")] = "none"
    expiry: ExpirySpec = ExpirySpec(model="never")
    to: Annotated[str, Field(pattern=r"^(member|household|merchant|(charity|partner):[1-9][0-9]{0,13})$")] = (
        "member"
    )
    levels: Annotated[tuple[LevelSpec, ...], Field(max_length=LEVELS_MAX)] = ()
    reference: Reference | None = Field(None, description="SKU of an item, pool of vouchers, lottery")
    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")] | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        faults = [*self._part_faults(), *self._amount_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _part_faults(self) -> Iterator[str]:
        for name in self.model_fields_set:
            allowed = _PARTS.get(name)
            if allowed is not None and self.type not in allowed and not self._is_default(name):
                yield f"{self.type} has no {name}"
        if self.type in ("discount", "deny", "require_pin"):
            if self.purse is not None:
                yield f"{self.type} has no purse"
        elif self.purse is None and self.type not in DEFAULT_PURSE:
            yield f"{self.type} needs a purse"
        if self.type == "convert" and (self.target is None or self.target == self.purse):
            yield "convert needs another purse as target"
        if self.type in _THINGS and self.reference is None:
            yield f"{self.type} needs a reference"
        if self.type in _THINGS and self.to != "member":
            yield f"{self.type} is for the member"
        if self.type == "deny" and self.code == "00":
            yield "code 00 would approve"

    def _is_default(self, name: str) -> bool:
        """Whether a part says nothing, as in a document that writes out every default."""
        if name == "rounding":
            return self.rounding == _rounding({"type": self.type})
        value: object = getattr(self, name)
        default: object = type(self).model_fields[name].default
        return value == default

    def _amount_faults(self) -> Iterator[str]:
        modes = _MODES[self.type]
        if self.calc is None:
            if modes and self.type not in _THINGS and not self.levels:
                yield f"{self.type} needs calc"
        elif self.levels:
            yield "levels have amounts of their own: no calc"
        elif self.calc.mode not in modes:
            yield f"{self.type} has no calc of mode {self.calc.mode}"
        elif self.type == "discount" and self.calc.mode == "percent" and (self.calc.give or 0) > 100:
            yield "a discount is at most 100 percent"
        if self.levels and self.to != "member":
            yield "levels are for introducers: no to"
        if self.min is not None and self.max is not None and self.min > self.max:
            yield "min is above max"
        if self.type == "tender" and self.rounding != "ceil":
            yield "a tender rounds up, or the last part of the bill would be free"

    @property
    def purse_name(self) -> str | None:
        """The purse it fills or empties; None for a discount or a refusal."""
        return self.purse or DEFAULT_PURSE.get(self.type)
