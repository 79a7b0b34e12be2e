"""The counter of one limit and subject: a sliding window in twelve parts, whatever happens in it.

No database and no clock: the projection of the feed, trades as they are told, and the simulation that
measures the rules all count by this.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from pydantic import BaseModel, JsonValue

from host_api.core.clock import from_epoch_ms
from host_api.core.tehran_time import TEHRAN
from host_api.services.risk.counting.measures import RiskMeasure, RiskPer
from host_api.services.risk.counting.sight import Sight

PARTS: Final = 12
_EARTH_RADIUS_KM: Final = 6_371.0088
_MICRODEGREES: Final = 1_000_000
_HOUR_MS: Final = 3_600_000
# Shops of one street are no hop, however fast.
_NEAR_KM: Final = 1.0


class _State(BaseModel):
    parts: list[tuple[int, int]]
    quiet: int
    alert: int | None
    last: tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A limit as it is counted.

    Parameters:
        most: more than this passes the limit.
        from_minute, until_minute: of the day in Tehran; only what happens from the one until before the other
            counts, over midnight where the first is the later. None: the whole day.
        weekdays: of the day in Tehran, Monday 0; None for all.
        speed_kmh: of FAR_HOPS, nobody gets from branch to branch faster.
        quick_ms: of QUICK_RETURNS, so young a sale.
        active_from_ms: what happened before doesn't count.
    """

    id: int
    measure: RiskMeasure
    per: RiskPer
    window_ms: int
    most: int
    from_minute: int | None = None
    until_minute: int | None = None
    weekdays: frozenset[int] | None = None
    speed_kmh: int = 0
    quick_ms: int = 0
    active_from_ms: int = 0


@dataclass(slots=True)
class Counter:
    """What has been counted of one subject.

    Attributes:
        parts: values by number of the part of time, a twelfth of the window each; at most twelve.
        quiet_until_ms: until then further breaches belong to the alert that was raised.
        alert_id: that alert.
        last_use: when and where it was used last: epoch milliseconds, microdegrees.
    """

    parts: dict[int, int] = field(default_factory=dict)
    quiet_until_ms: int = 0
    alert_id: int | None = None
    last_use: tuple[int, int, int] | None = None

    @classmethod
    def of(cls, state: Mapping[str, JsonValue]) -> Self:
        """The counter that `state` tells of."""
        stored = _State.model_validate(state)
        return cls(dict(stored.parts), stored.quiet, stored.alert, stored.last)

    def state(self) -> dict[str, JsonValue]:
        """The reverse."""
        return {
            "parts": [[number, value] for number, value in sorted(self.parts.items())],
            "quiet": self.quiet_until_ms,
            "alert": self.alert_id,
            "last": None if self.last_use is None else list(self.last_use),
        }

    def until_ms(self, window_ms: int) -> int:
        """From when on nothing of this counts any more, epoch milliseconds."""
        latest = (max(self.parts) + PARTS) * window_ms // PARTS + 1 if self.parts else 0
        used = 0 if self.last_use is None else self.last_use[0] + window_ms
        return max(latest, used, self.quiet_until_ms)


def count(rule: LimitRule, counter: Counter, sight: Sight) -> int | None:
    """Count a sight; the value where the limit is passed by it, else None."""
    if sight.at_ms < rule.active_from_ms or not _is_in_hours(rule, sight.at_ms):
        return None
    added = _value(rule, counter, sight)
    if not added:
        return None
    part = sight.at_ms * PARTS // rule.window_ms
    counter.parts[part] = counter.parts.get(part, 0) + added
    latest = max(counter.parts)
    counter.parts = {
        number: value for number, value in counter.parts.items() if number > latest - PARTS and value
    }
    total = sum(counter.parts.values())
    return total if added > 0 and total > rule.most else None


def counts(rule: LimitRule, sight: Sight) -> bool:
    """Whether a sight may move a counter of the limit at all."""
    if rule.measure is RiskMeasure.QUICK_RETURNS:
        return sight.sale_age_ms is not None and RiskMeasure.RETURNS in sight.values
    if rule.measure is RiskMeasure.FAR_HOPS:
        return sight.location is not None and sight.values.get(RiskMeasure.SALES, 0) > 0
    return rule.measure in sight.values


def distance_km(here: tuple[int, int], there: tuple[int, int]) -> float:
    """Between two points on a sphere of the earth's mean radius, by haversines; microdegrees in."""
    (lat_a, lon_a), (lat_b, lon_b) = (
        (math.radians(lat / _MICRODEGREES), math.radians(lon / _MICRODEGREES)) for lat, lon in (here, there)
    )
    chord = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def _value(rule: LimitRule, counter: Counter, sight: Sight) -> int:
    if not counts(rule, sight):
        return 0
    if rule.measure is RiskMeasure.QUICK_RETURNS:
        is_quick = sight.sale_age_ms is not None and sight.sale_age_ms <= rule.quick_ms
        return sight.values[RiskMeasure.RETURNS] if is_quick else 0
    if rule.measure is RiskMeasure.FAR_HOPS:
        return _hop(rule, counter, sight)
    return sight.values[rule.measure]


def _hop(rule: LimitRule, counter: Counter, sight: Sight) -> int:
    if sight.location is None:
        return 0
    before, counter.last_use = counter.last_use, (sight.at_ms, *sight.location)
    if before is None or sight.at_ms - before[0] > rule.window_ms:
        return 0
    apart_km = distance_km(before[1:], sight.location)
    hours = max(0, sight.at_ms - before[0]) / _HOUR_MS
    return int(apart_km > _NEAR_KM and apart_km > rule.speed_kmh * hours)


def _is_in_hours(rule: LimitRule, at_ms: int) -> bool:
    if rule.from_minute is None and rule.until_minute is None and rule.weekdays is None:
        return True
    local = from_epoch_ms(at_ms).astimezone(TEHRAN)
    if rule.weekdays is not None and local.weekday() not in rule.weekdays:
        return False
    first, end = rule.from_minute or 0, 1_440 if rule.until_minute is None else rule.until_minute
    minute = local.hour * 60 + local.minute
    return first <= minute < end if first < end else minute >= first or minute < end
