"""Rules of a packed table."""

from typing import Final

from switch.rules.caps import Cap
from switch.rules.facts import SET_BITS
from switch.rules.outcome import EffectType, Party, ReturnPolicy
from switch.rules.packing.bounds import (
    AMOUNT_MAX,
    BANDS_MAX,
    BLACKOUT_MAX,
    CAPS_MAX,
    EFFECTS_MAX,
    IDS_MAX,
    ITEM_TESTS_MAX,
    LEVELS_MAX,
    OWNER_MAX,
    PRIORITY_MAX,
    SHARE_WHOLE,
    STATUSES_MAX,
    TRIGGERS_MAX,
    VERSION_MAX,
    WINDOWS_MAX,
)
from switch.rules.packing.fault import RuleTableFault
from switch.rules.packing.head_reader import read_cap
from switch.rules.packing.reader import TableReader
from switch.rules.table import (
    FOREVER_UNTIL_S,
    Band,
    Basis,
    BasisOf,
    CalcMode,
    Effect,
    Expiry,
    ExpiryModel,
    Kind,
    Level,
    PendingKind,
    PeriodEnd,
    PeriodUnit,
    Phase,
    Rounding,
    TableRule,
    TimeWindow,
)

_KINDS: Final = {int(member): member for member in Kind}
_PHASES: Final = {int(member): member for member in Phase}
_RETURNS: Final = {int(member): member for member in ReturnPolicy}
_BASES: Final = {int(member): member for member in BasisOf}
_TYPES: Final = {int(member): member for member in EffectType}
_MODES: Final = {int(member): member for member in CalcMode}
_ROUNDINGS: Final = {int(member): member for member in Rounding}
_PENDING: Final = {int(member): member for member in PendingKind}
_MODELS: Final = {int(member): member for member in ExpiryModel}
_UNITS: Final = {int(member): member for member in PeriodUnit}
_ENDS: Final = {int(member): member for member in PeriodEnd}
_PARTIES: Final = {
    int(member): member
    for member in (Party.MEMBER, Party.HOUSEHOLD, Party.MERCHANT, Party.PARTNER, Party.CHARITY)
}
_PERIOD_MAX: Final = 9_999
_MINUTES: Final = 1_440
_ORDINAL_MAX: Final = 400_000
_WITHOUT_PURSE: Final = frozenset((EffectType.DISCOUNT, EffectType.DENY, EffectType.REQUIRE_PIN))
_REFUSALS: Final = frozenset((EffectType.DENY, EffectType.REQUIRE_PIN))
_THINGS: Final = (EffectType.EARN, EffectType.ITEM, EffectType.VOUCHER, EffectType.TICKET)
_EFFECTS: Final = {
    Kind.GATE: _REFUSALS,
    Kind.DISCOUNT: frozenset((EffectType.DISCOUNT, EffectType.COST)),
    Kind.BURN: frozenset((EffectType.TENDER,)),
    Kind.EARN: frozenset(_THINGS),
    Kind.GIFT: frozenset((*_THINGS, EffectType.COST)),
    Kind.CONVERT: frozenset((EffectType.CONVERT,)),
}


class RuleReader:
    """Reads the rules of a table whose head is known."""

    __slots__ = ("budget_count", "group_count", "reader")

    def __init__(self, reader: TableReader, budget_count: int, group_count: int) -> None:
        self.reader = reader
        self.budget_count = budget_count
        self.group_count = group_count

    def rule(self) -> TableRule:
        """One rule."""
        reader = self.reader
        rule_id = reader.text()
        version = reader.number(VERSION_MAX, 1)
        kind = reader.code(_KINDS)
        phase = reader.code(_PHASES)
        rule = TableRule(
            rule_id,
            version,
            kind,
            phase,
            reader.number(PRIORITY_MAX),
            reader.strings(TRIGGERS_MAX),
            reader.text(),
            reader.text(),
            reader.text(),
            reader.text(),
            reader.number(FOREVER_UNTIL_S),
            reader.number(FOREVER_UNTIL_S),
            reader.parts(WINDOWS_MAX, self._time_window),
            self._blackout(),
            reader.condition(),
            reader.number((1 << SET_BITS) - 1),
            reader.strings(STATUSES_MAX),
            self._basis(),
            reader.parts(EFFECTS_MAX, self._effect, 1),
            reader.parts(CAPS_MAX, self._cap),
            self._budget(),
            reader.number(self.group_count - 1),
            reader.strings(IDS_MAX),
            reader.strings(IDS_MAX),
            reader.flag(),
            reader.code(_RETURNS),
            reader.flag(),
            reader.flag(),
        )
        if not rule_id or not rule.triggers or rule.valid_until_s <= rule.valid_from_s:
            raise RuleTableFault("rule table holds a rule that can never hold")
        allowed = _EFFECTS[kind]
        for effect in rule.effects:
            if effect.type not in allowed:
                raise RuleTableFault("rule table holds an effect that its rule's kind doesn't have")
            if (effect.mode == CalcMode.MULTIPLIER) != (phase == Phase.MULTIPLIER):
                raise RuleTableFault("rule table multiplies in the wrong phase")
        return rule

    def _cap(self) -> Cap:
        return read_cap(self.reader)

    def _time_window(self) -> TimeWindow:
        number = self.reader.number
        return TimeWindow(number(127, 1), number(_MINUTES - 1), number(_MINUTES))

    def _blackout(self) -> tuple[tuple[int, int], ...]:
        number = self.reader.number
        ranges = self.reader.parts(BLACKOUT_MAX, lambda: (number(_ORDINAL_MAX), number(_ORDINAL_MAX)))
        if any(last < first for first, last in ranges) or list(ranges) != sorted(set(ranges)):
            raise RuleTableFault("rule table holds blackout days out of order")
        return ranges

    def _basis(self) -> Basis:
        reader = self.reader
        of, metric = reader.code(_BASES), reader.text()
        if (of == BasisOf.METRIC) != bool(metric):
            raise RuleTableFault("rule table has a basis of nothing")
        include = reader.parts(ITEM_TESTS_MAX, reader.item_test)
        return Basis(of, metric, include, reader.parts(ITEM_TESTS_MAX, reader.item_test))

    def _budget(self) -> int | None:
        place = self.reader.number(self.budget_count)
        return None if place == 0 else place - 1

    def _effect(self) -> Effect:
        reader = self.reader
        number = reader.number
        kind = reader.code(_TYPES)
        purse = number(0) if kind in _WITHOUT_PURSE else reader.purse()
        target = reader.purse() if kind == EffectType.CONVERT else number(0)
        mode, give, per = reader.code(_MODES), number(AMOUNT_MAX), number(AMOUNT_MAX)
        bands = reader.parts(BANDS_MAX, self._band)
        rounding = reader.code(_ROUNDINGS)
        minimum, maximum = number(AMOUNT_MAX), number(AMOUNT_MAX)
        step, share_max = number(AMOUNT_MAX), number(SHARE_WHOLE)
        pending = reader.code(_PENDING)
        is_after = pending == PendingKind.AFTER
        pending_days = number(_PERIOD_MAX if is_after else 0, 1 if is_after else 0)
        expiry = self._expiry()
        to = reader.code(_PARTIES)
        is_numbered = to in (Party.PARTNER, Party.CHARITY)
        to_number = number(OWNER_MAX if is_numbered else 0, 1 if is_numbered else 0)
        levels = reader.parts(LEVELS_MAX, self._level)
        if mode in (CalcMode.RATE, CalcMode.MULTIPLIER):
            is_sound = give > 0 and per > 0
        else:
            is_sound = per == 0 and (give > 0 or mode == CalcMode.BANDED or bool(levels) or kind in _REFUSALS)
        if mode == CalcMode.MULTIPLIER:
            is_sound = is_sound and give > per
        if kind in (EffectType.TENDER, EffectType.CONVERT):
            is_sound = is_sound and mode == CalcMode.RATE and purse != target
        elif kind == EffectType.COST:
            is_sound = is_sound and mode == CalcMode.FIXED
        starts = [band.from_basis for band in bands]
        if not is_sound or bool(bands) != (mode == CalcMode.BANDED) or starts != sorted(set(starts)):
            raise RuleTableFault("rule table holds an empty or unknown calculation")
        if maximum and minimum > maximum:
            raise RuleTableFault("rule table holds a minimum above its maximum")
        return Effect(
            kind,
            purse,
            target,
            mode,
            give,
            per,
            bands,
            rounding,
            minimum,
            maximum,
            step,
            share_max,
            pending,
            pending_days,
            expiry,
            to,
            to_number,
            levels,
            reader.text(),
            reader.text(),
            reader.text(),
            reader.text(),
        )

    def _band(self) -> Band:
        number = self.reader.number
        return Band(number(AMOUNT_MAX), number(AMOUNT_MAX), number(AMOUNT_MAX))

    def _level(self) -> Level:
        return Level(self.reader.number(AMOUNT_MAX), self.reader.number(AMOUNT_MAX))

    def _expiry(self) -> Expiry:
        reader = self.reader
        model = reader.code(_MODELS)
        is_rolling = model == ExpiryModel.ROLLING
        return Expiry(
            model,
            reader.number(_PERIOD_MAX if is_rolling else 0, 1 if is_rolling else 0),
            reader.code(_UNITS),
            reader.code(_ENDS),
            reader.number(FOREVER_UNTIL_S if model == ExpiryModel.FIXED else 0),
        )
