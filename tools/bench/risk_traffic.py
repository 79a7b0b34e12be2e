"""A club's traffic with frauds planted in it, and honest people who look a little like them.

Everything comes from the seed. Each fraud is an episode: what was done, by which member at which terminal,
and when; an alert that names one of both within that time has caught it.
"""

import random
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from host_api.services.risk.counting.measures import RiskMeasure
from host_api.services.risk.counting.sight import Sight

_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS
# Midnight in Tehran, 2026-03-21.
_FIRST_MS: Final = 1_774_038_600_000

# Microdegrees of branches: a city with many, and two far away.
_CITY: Final = (35_700_000, 51_400_000)
_AWAY: Final = ((36_297_000, 59_606_000), (29_591_000, 52_583_000))

REFUND_LOOP, OWN_CARD, STOLEN_CARD, CLONED_CARD, NIGHT_SALES, BURNT_AT_ONCE = (
    "refund_loop",
    "own_card_of_operator",
    "stolen_card",
    "cloned_card",
    "night_sales",
    "points_burnt_at_once",
)
KINDS: Final = (REFUND_LOOP, OWN_CARD, STOLEN_CARD, CLONED_CARD, NIGHT_SALES, BURNT_AT_ONCE)


class Episode(NamedTuple):
    """A fraud that was planted."""

    kind: str
    member_id: int
    terminal_id: str
    begin_ms: int
    end_ms: int


@dataclass
class Traffic:
    """Sights in their order, and what is wrong with some of them."""

    sights: list[Sight] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)


def traffic(seed: int, *, members: int, days: int, episodes_of_each: int) -> Traffic:
    """The traffic of a club whose members buy about twice a week."""
    maker = _Maker(random.Random(seed), members, days)
    for member in range(1, members + 1):
        maker.live(member)
    for kind in KINDS:
        for _ in range(episodes_of_each):
            maker.plant(kind)
    maker.made.sights.sort(key=lambda sight: (sight.at_ms, sight.reference))
    return maker.made


class _Maker:
    def __init__(self, source: random.Random, members: int, days: int) -> None:
        self._source = source
        self._members, self._days = members, days
        self._branches = max(5, members // 40)
        self._count = 0
        self.made = Traffic()

    def live(self, member: int) -> None:
        """An honest member: some shops nearby, daytime mostly, a return now and then, a busy day at times. Of
        a hundred one buys for a whole office at one shop, and one tries on and brings back."""
        source = self._source
        habit = source.random()
        shops = [source.randrange(self._branches) for _ in range(3)]
        for day in range(self._days):
            if source.random() > 0.28:
                continue
            at_ms = self._day(day) + int(source.triangular(8, 23, 18) * _HOUR_MS)
            if source.random() < 0.004:
                at_ms = self._day(day) + int(source.uniform(0.5, 4) * _HOUR_MS)  # a chemist's at night
            shop = source.choice(shops)
            self._sale(member, shop, at_ms)
            if habit < 0.01 and source.random() < 0.3:
                for step in range(source.randint(2, 8)):
                    self._sale(member, shops[0], at_ms + (step + 1) * 9 * _MINUTE_MS)
            elif habit > 0.99 and source.random() < 0.3:
                for step in range(source.randint(1, 4)):
                    self._sale(member, shop, at_ms + (step + 1) * 8 * _MINUTE_MS)
                    self._return(member, shop, at_ms, source.randint(20, 90) * _MINUTE_MS)
            if source.random() < 0.02:
                self._return(member, shop, at_ms, source.randint(2, 600) * _MINUTE_MS)
            if source.random() < 0.03:  # before a feast: shop after shop
                for step in range(source.randint(2, 5)):
                    self._sale(member, source.choice(shops), at_ms + (step + 1) * 25 * _MINUTE_MS)
            if source.random() < 0.05:
                self._redemption(member, shop, at_ms + _MINUTE_MS)
            if source.random() < 0.0005:  # by plane
                self._sale(member, self._branches + source.randrange(2), at_ms + 4 * _HOUR_MS)

    def plant(self, kind: str) -> None:
        """An episode of a fraud, by a member and at a shop drawn anew."""
        source = self._source
        member, shop = source.randint(1, self._members), source.randrange(self._branches)
        begin_ms = self._day(source.randrange(self._days)) + int(source.uniform(9, 18) * _HOUR_MS)
        at_ms = begin_ms
        if kind == REFUND_LOOP:
            for _ in range(source.randint(2, 9)):
                self._sale(member, shop, at_ms)
                self._return(member, shop, at_ms, source.randint(1, 45) * _MINUTE_MS)
                at_ms += source.randint(21, 60) * _MINUTE_MS
        elif kind == OWN_CARD:
            for _ in range(source.randint(4, 25)):
                at_ms += source.randint(3, 40) * _MINUTE_MS
                self._sale(member, shop, at_ms)
        elif kind == STOLEN_CARD:
            for _ in range(source.randint(4, 15)):
                at_ms += source.randint(1, 8) * _MINUTE_MS
                self._sale(member, source.randrange(self._branches), at_ms)
        elif kind == CLONED_CARD:
            self._sale(member, shop, at_ms)
            at_ms += source.randint(10, 300) * _MINUTE_MS
            self._sale(member, self._branches + source.randrange(2), at_ms)
        elif kind == NIGHT_SALES:
            at_ms = begin_ms = self._day((begin_ms - _FIRST_MS) // _DAY_MS) + _HOUR_MS
            for _ in range(source.randint(2, 12)):
                at_ms += source.randint(2, 15) * _MINUTE_MS
                self._sale(source.randint(1, self._members), shop, at_ms)
        else:
            for _ in range(source.randint(3, 10)):
                at_ms += source.randint(5, 30) * _MINUTE_MS
                self._redemption(member, source.randrange(self._branches), at_ms)
        named = 0 if kind == NIGHT_SALES else member
        self.made.episodes.append(Episode(kind, named, _terminal(shop), begin_ms, at_ms + _HOUR_MS))

    def _day(self, day: int) -> int:
        return _FIRST_MS + day * _DAY_MS

    def _sale(self, member: int, shop: int, at_ms: int) -> None:
        amount = int(self._source.lognormvariate(14, 0.8))
        values = {RiskMeasure.SALES: 1, RiskMeasure.SALE_AMOUNT: amount}
        self._add(member, shop, at_ms, values | {RiskMeasure.EARNED_POINTS: amount // 10_000})

    def _redemption(self, member: int, shop: int, at_ms: int) -> None:
        values = {RiskMeasure.SALES: 1, RiskMeasure.REDEMPTIONS: 1}
        self._add(member, shop, at_ms, values | {RiskMeasure.SPENT_POINTS: self._source.randint(50, 500)})

    def _return(self, member: int, shop: int, sold_ms: int, age_ms: int) -> None:
        self._add(member, shop, sold_ms + age_ms, {RiskMeasure.RETURNS: 1}, age_ms)

    def _add(
        self, member: int, shop: int, at_ms: int, values: dict[RiskMeasure, int], age_ms: int | None = None
    ) -> None:
        self._count += 1
        away = shop - self._branches
        location = (
            _AWAY[away] if away >= 0 else (_CITY[0] + shop * 900 % 90_000, _CITY[1] + shop * 700 % 80_000)
        )
        self.made.sights.append(
            Sight(
                at_ms=at_ms,
                reference=f"{self._count:012d}",
                values=values,
                member_id=member,
                card_reference=member,
                terminal_id=_terminal(shop),
                merchant_id=f"SHOP{shop:04d}",
                branch_number=1,
                sale_age_ms=age_ms,
                location=location,
            )
        )


def _terminal(shop: int) -> str:
    return f"T{shop:07d}"
