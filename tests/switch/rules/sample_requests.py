"""Random requests and counters for hypothesis, of the same names, amounts and dates as the random rules."""

from datetime import UTC, datetime
from typing import NamedTuple
from zlib import crc32
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from switch.rules.facts import TEXT_NAMES as TEXT_DIMENSIONS
from switch.rules.facts import Facts, Line, NumberDimension, Subject, TextDimension
from switch.rules.outcome import CounterKey, CounterMove
from tests.switch.rules.sample_crowds import crowd
from tests.switch.rules.sample_names import (
    AMOUNTS,
    DATES,
    ITEMS,
    METRICS,
    PURSES,
    RULE_IDS,
    SMALL,
    SPENDABLE,
    TEXTS,
    TRIGGERS,
    Dice,
    Json,
)
from tests.switch.rules.strategies import documents

_DATES_S = tuple(int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()) for date in DATES)
# Seconds about local midnights, clock changes and the edges of windows.
_SECONDS = (
    *(0, 43_200, -12_600, -12_601, -16_200, 3600, 7_199, 73_800, 85_500, 30_000, -20_700, 1800),
    *(45_419, 45_420, 45_449, 45_450),
)
_AROUND_S = (0, -1, 59, -450, -900, 420)  # seconds
_STEPS_S = (0, 1, 30, 60, 3600, 86_400, 5 * 86_400, 30 * 86_400, 366 * 86_400)
# Numbers that the caller tells; the evaluator fills the others.
_CALLERS_NUMBERS = (
    NumberDimension.DAYS_SINCE_LAST,
    NumberDimension.ENROLLED_DAYS,
    NumberDimension.BIRTHDAY_DISTANCE,
    NumberDimension.REFERRAL_DEPTH,
)
_CODES = {name: int(str(parts["code"])) for name, parts in PURSES.items()}


class Counters:
    """Counters that remember what was counted, on top of arbitrary first values where `noise` isn't 0."""

    def __init__(self, noise: int = 0) -> None:
        self.noise = noise
        self.moves: dict[CounterKey, int] = {}

    def value(self, key: CounterKey) -> int:
        """Present value."""
        first = 0
        if self.noise:
            first = (0, 0, 0, 1, 2, 99, 999, 1000)[crc32(repr((self.noise, key)).encode()) % 8]
        return first + self.moves.get(key, 0)

    def add(self, moves: tuple[CounterMove, ...]) -> None:
        """Count what an outcome counted."""
        for move in moves:
            self.moves[move.key] = self.moves.get(move.key, 0) + move.delta


class Scene(NamedTuple):
    """Requests in the order in which they arrive, and what the counters of the day say before them."""

    noise: int
    requests: tuple[Facts, ...]


def _line(dice: Dice) -> Line:
    labels = tuple(label for label in ITEMS["item.label"] if dice.once_in(3))
    return Line(
        dice.one(ITEMS["item.sku"]),
        dice.one((*ITEMS["item.category"], "")),
        labels,
        1 + dice.number(2),
        dice.amount(AMOUNTS),
    )


class _Asked(NamedTuple):
    """What requests may ask for: purses to pay from, pairs of purses to convert, rules to redeem."""

    tenders: tuple[str, ...]
    conversions: tuple[tuple[str, str], ...]


def _asked_in(document: Json) -> _Asked:
    tenders: list[str] = []
    conversions: list[tuple[str, str]] = []
    rules = document.get("rules", [])
    assert isinstance(rules, list)
    for rule in rules:
        for effect in rule["effects"]:
            if effect["type"] == "tender":
                tenders.append(effect["purse"])
            elif effect["type"] == "convert":
                conversions.append((effect["purse"], effect["target"]))
    return _Asked(tuple(sorted(set(tenders))), tuple(sorted(set(conversions))))


def _tender(dice: Dice, asked: _Asked) -> tuple[int, int | None, int | None]:
    """Purse, amount and units; mostly a purse that some rule takes."""
    if not dice.once_in(2 if asked.tenders else 8):
        return 0, None, None
    purse = dice.one(SPENDABLE if dice.once_in(8) else asked.tenders or SPENDABLE)
    how = dice.number(2)
    amount = dice.amount(AMOUNTS) if how == 1 else None
    return _CODES[purse], amount, dice.amount((*SMALL, 10, 100, 1000)) if how == 2 else None


def _facts(dice: Dice, asked: _Asked, at_s: int) -> Facts:
    amount = dice.amount(AMOUNTS)
    lines = tuple(_line(dice) for _ in range(1 + dice.number(3))) if dice.number(1) else ()
    if lines and dice.number(1):
        amount = sum(line.amount for line in lines)
    texts = [""] * len(TextDimension)
    for name, dimension in TEXT_DIMENSIONS.items():
        texts[dimension] = "" if dice.once_in(5) else TEXTS[name][dice.number(1)]
    numbers: list[int | None] = [None] * len(NumberDimension)
    numbers[NumberDimension.AMOUNT] = amount if dice.number(15) else None
    for place in _CALLERS_NUMBERS:
        numbers[place] = dice.amount(SMALL) if dice.number(2) else None
    trigger = dice.one((*("purchase",) * 8, *TRIGGERS, "burn_request"))
    if dice.once_in(4 if asked.conversions else 16):
        trigger = "conversion"
    tender_purse, tender_amount, tender_units = _tender(dice, asked)
    reward = dice.one(RULE_IDS) if dice.once_in(3) else ""
    if trigger == "conversion":
        pairs = [(source, target) for source in SPENDABLE for target in SPENDABLE]
        chosen = pairs if dice.once_in(8) else asked.conversions or pairs
        source, target = chosen[dice.number(len(chosen) - 1)]
        tender_purse, reward = _CODES[source], str(_CODES[target])
        tender_amount, tender_units = None, dice.amount((*SMALL, 5, 10, 100, 1000)) or None
    return Facts(
        trigger=trigger,
        at_s=at_s,
        texts=tuple(texts),
        numbers=tuple(numbers),
        sets=(dice.amount((0, 1, 128, 129, 1 << 255)), dice.amount((1 | 1 << 200, 0, 1, 1 << 200))),
        balances={code: dice.amount(AMOUNTS) for code in _CODES.values() if dice.number(1)},
        metrics={name: dice.amount((0, 1, 7, 100)) for name in METRICS if dice.number(1)},
        lines=lines,
        subject=Subject(
            member=1 + dice.number(1),
            card=10 + dice.number(1),
            household=dice.amount((0, 0, 5)),
            merchant=20 + dice.number(1),
            branch=30 + dice.number(1),
            terminal=40,
            operator=dice.amount((0, 50)),
        ),
        uplines=(101, 102, 103)[: dice.number(3)],
        has_pin=bool(dice.number(1)),
        reward=reward,
        tender_purse=tender_purse,
        tender_amount=tender_amount,
        tender_units=tender_units,
    )


def _edges_in(document: Json) -> tuple[str, ...]:
    """Times of the day at which hours of some rule begin or end."""
    rules = document.get("rules", [])
    assert isinstance(rules, list)
    windows = [window for rule in rules for window in rule.get("schedule", {}).get("windows", ())]
    return tuple(sorted({window[word] for window in windows for word in ("from", "to")}))


def _local_s(day: str, clock: str, zone: str) -> int:
    return int(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).timestamp())


def _scene(dice: Dice, document: Json, requests_max: int) -> Scene:
    """Some requests, close enough in time that their windows meet."""
    asked = _asked_in(document)
    noise = dice.number(3)
    at_s = dice.amount(_DATES_S) + dice.amount(_SECONDS)
    edges = _edges_in(document)
    if edges and dice.number(1):
        at_s = _local_s(dice.one(DATES), dice.one(edges), str(document.get("time_zone", "UTC")))
        at_s += dice.amount(_AROUND_S)
    requests: list[Facts] = []
    for _ in range(1 + dice.number(requests_max - 1)):
        requests.append(_facts(dice, asked, at_s))
        at_s += dice.amount(_STEPS_S)
    return Scene(noise, tuple(requests))


@st.composite
def scenes(draw: st.DrawFn, document: Json, requests_max: int = 4) -> Scene:
    """Requests that may suit a document."""
    return _scene(Dice(draw), document, requests_max)


@st.composite
def cases(draw: st.DrawFn, rules_max: int = 9, requests_max: int = 4, copies: int = 0) -> tuple[Json, Scene]:
    """A rule document, crowded with copies of its rules if asked, and requests that may suit it."""
    document = draw(documents(rules_max))
    dice = Dice(draw)
    if copies:
        document = crowd(dice, document, copies)
    return document, _scene(dice, document, requests_max)
