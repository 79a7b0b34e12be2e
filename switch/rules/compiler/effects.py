"""Written effects as effects of the table."""

from typing import Final

from switch.rules.compiler.dates import moment_s
from switch.rules.compiler.faults import FaultSink
from switch.rules.compiler.names import Names
from switch.rules.outcome import EffectType, Party
from switch.rules.schema.effects import EffectSpec, ExpirySpec
from switch.rules.table import (
    Band,
    CalcMode,
    Effect,
    Expiry,
    ExpiryModel,
    Level,
    PendingKind,
    PeriodEnd,
    PeriodUnit,
    Rounding,
)

DENY_CODE: Final = "57"
PIN_CODE: Final = "70"

NEVER_EXPIRES: Final = Expiry(ExpiryModel.NEVER, 0, PeriodUnit.DAY, PeriodEnd.DAY, 0)
_UNITS: Final = {"D": PeriodUnit.DAY, "M": PeriodUnit.MONTH, "Y": PeriodUnit.YEAR}
_ENDS: Final = {
    None: PeriodEnd.DAY,
    "day": PeriodEnd.DAY,
    "week": PeriodEnd.WEEK,
    "month": PeriodEnd.MONTH,
    "quarter": PeriodEnd.QUARTER,
    "year": PeriodEnd.YEAR,
}
_TYPES: Final = {
    "earn": EffectType.EARN,
    "item": EffectType.ITEM,
    "voucher": EffectType.VOUCHER,
    "ticket": EffectType.TICKET,
    "discount": EffectType.DISCOUNT,
    "cost": EffectType.COST,
    "tender": EffectType.TENDER,
    "convert": EffectType.CONVERT,
    "deny": EffectType.DENY,
    "require_pin": EffectType.REQUIRE_PIN,
}
_MODES: Final = {
    "fixed": CalcMode.FIXED,
    "rate": CalcMode.RATE,
    "percent": CalcMode.RATE,
    "banded": CalcMode.BANDED,
    "multiplier": CalcMode.MULTIPLIER,
}
_ROUNDINGS: Final = {"floor": Rounding.FLOOR, "half_up": Rounding.HALF_UP, "ceil": Rounding.CEIL}
_PARTIES: Final = {
    "member": Party.MEMBER,
    "household": Party.HOUSEHOLD,
    "merchant": Party.MERCHANT,
    "charity": Party.CHARITY,
    "partner": Party.PARTNER,
}
PERCENT_PER: Final = 100


def compiled_effect(written: EffectSpec, path: str, names: Names, faults: FaultSink) -> Effect:
    """The effect with every part filled; what its type doesn't use is 0, empty or None."""
    name = written.purse_name
    calc = written.calc
    party, _, number = written.to.partition(":")
    if calc is None:
        mode, give, per = CalcMode.FIXED, 1 if written.reference is not None and not written.levels else 0, 0
    else:
        mode, give = _MODES[calc.mode], calc.give or 0
        per = PERCENT_PER if calc.mode == "percent" else calc.per or 0
    text = written.text
    return Effect(
        _TYPES[written.type],
        names.purse(name, f"{path}.purse", faults) if name is not None else 0,
        names.purse(written.target, f"{path}.target", faults) if written.target is not None else 0,
        mode,
        give,
        per,
        tuple([Band(band.from_, band.give, band.per or 0) for band in calc.bands]) if calc else (),
        _ROUNDINGS[written.rounding],
        written.min or 0,
        written.max or 0,
        written.step or 0,
        written.share_max or 0,
        *_pending(written.pending),
        _expiry(written.expiry, f"{path}.expiry", names.zone, faults),
        _PARTIES[party],
        int(number or 0),
        tuple([Level(level.give, level.per or 0) for level in written.levels]),
        written.reference or "",
        _response_code(written),
        text.fa if text else "",
        text.en if text else "",
    )


def _pending(written: str) -> tuple[PendingKind, int]:
    if written == "none":
        return PendingKind.NONE, 0
    if written == "on_action":
        return PendingKind.ON_ACTION, 0
    return PendingKind.AFTER, int(written[1:-1])


def _expiry(written: ExpirySpec, path: str, zone: str, faults: FaultSink) -> Expiry:
    if written.period is not None:
        unit = _UNITS[written.period[-1]]
        return Expiry(ExpiryModel.ROLLING, int(written.period[1:-1]), unit, _ENDS[written.end], 0)
    if written.at is None:
        return NEVER_EXPIRES
    try:
        until_s = moment_s(written.at, zone, is_end=True)
    except ValueError as error:
        faults.add(f"{path}.at", str(error))
        until_s = 0
    return Expiry(ExpiryModel.FIXED, 0, PeriodUnit.DAY, PeriodEnd.DAY, until_s)


def _response_code(written: EffectSpec) -> str:
    if written.type == "deny":
        return written.code or DENY_CODE
    return PIN_CODE if written.type == "require_pin" else ""
