"""A club's rules and requests, generated from a seed: one neutral form from which every contender is fed.

Most rules belong to one or two merchants, as campaigns of shops do. One in five addresses a segment, one in
twelve a card type; at most ten hold for everybody everywhere. All have bounds of the amount, many a tier or
weekdays.
"""

import json
import random
from typing import NamedTuple

WEEKDAYS = ("SAT", "SUN", "MON", "TUE", "WED", "THU", "FRI")
TIERS = ("bronze", "silver", "gold", "platinum")
CARD_TYPES = ("loyalty", "gift", "club", "vip", "family", "fan", "staff", "profit")
SEGMENTS = tuple(f"s{number}" for number in range(200))
SEGMENTS_OF_A_MEMBER = 4
PROGRAMME_WIDE_MAX = 10
AMOUNT_MAX = 20_000_000
_SEED = 1404


class SampleRule(NamedTuple):
    """A rule that gives `points` where all its parts hold; an empty part holds always."""

    rule_id: str
    merchants: tuple[str, ...]
    card_types: tuple[str, ...]
    tiers: tuple[str, ...]
    segment: str
    weekdays: tuple[str, ...]
    amount_from: int
    amount_until: int
    points: int


class SampleRequest(NamedTuple):
    """A purchase of a member; the amount in minor units."""

    merchant: str
    card_type: str
    tier: str
    segments: tuple[str, ...]
    weekday: str
    amount: int


def sample_rules(count: int) -> list[SampleRule]:
    """So many rules; the same ones each time."""
    choose = random.Random(_SEED)
    merchants = _merchants(count)
    programme_wide = min(PROGRAMME_WIDE_MAX, count // 10)
    found: list[SampleRule] = []
    for number in range(count):
        kind = choose.random()
        amount_from = choose.randrange(0, AMOUNT_MAX // 2, 100_000)
        at: tuple[str, ...] = ()
        card_types: tuple[str, ...] = ()
        segment = ""
        if number < programme_wide:
            amount_from += AMOUNT_MAX // 3
        elif kind < 0.2:
            segment = choose.choice(SEGMENTS)
            at = tuple(choose.sample(merchants, 2)) if choose.random() < 0.8 else ()
        elif kind < 0.28:
            card_types = (choose.choice(CARD_TYPES),)
            at = tuple(choose.sample(merchants, 2))
        else:
            at = tuple(choose.sample(merchants, choose.choice((1, 1, 2))))
        found.append(
            SampleRule(
                rule_id=f"R-{number:05}",
                merchants=tuple(sorted(at)),
                card_types=card_types,
                tiers=tuple(choose.sample(TIERS, 2)) if choose.random() < 0.4 else (),
                segment=segment,
                weekdays=tuple(choose.sample(WEEKDAYS, 3)) if choose.random() < 0.3 else (),
                amount_from=amount_from,
                amount_until=amount_from + choose.randrange(AMOUNT_MAX // 4, AMOUNT_MAX, 100_000),
                points=choose.randrange(10, 500),
            )
        )
    return found


def sample_requests(rules: int, count: int) -> list[SampleRequest]:
    """So many purchases in a club of so many rules; the same ones each time."""
    choose = random.Random(_SEED + 1)
    merchants = _merchants(rules)
    return [
        SampleRequest(
            merchant=choose.choice(merchants),
            card_type=choose.choice(CARD_TYPES),
            tier=choose.choice(TIERS),
            segments=tuple(choose.sample(SEGMENTS, SEGMENTS_OF_A_MEMBER)),
            weekday=choose.choice(WEEKDAYS),
            amount=choose.randrange(100_000, AMOUNT_MAX, 1_000),
        )
        for _ in range(count)
    ]


def rule_document(rules: list[SampleRule]) -> str:
    """The rules as a rule document in JSON."""
    return json.dumps(
        {
            "format": 2,
            "programme": "benchmark",
            "segments": {name: bit for bit, name in enumerate(SEGMENTS)},
            "rules": [_rule(rule) for rule in rules],
        }
    )


def _merchants(rules: int) -> list[str]:
    return [f"M{number}" for number in range(max(4, rules // 8))]


def _rule(rule: SampleRule) -> dict[str, object]:
    tests: list[dict[str, object]] = [
        {"f": "amount", "op": ">=", "v": rule.amount_from},
        {"f": "amount", "op": "<", "v": rule.amount_until},
    ]
    if rule.tiers:
        tests.append({"f": "tier", "op": "in", "v": list(rule.tiers)})
    if rule.segment:
        tests.append({"f": "segment", "op": "has", "v": rule.segment})
    if rule.weekdays:
        tests.append({"f": "weekday", "op": "in", "v": list(rule.weekdays)})
    return {
        "rule_id": rule.rule_id,
        "version": 1,
        "status": "active",
        "kind": "earn",
        "name": {"fa": "قاعده نمونه", "en": "Sample rule"},
        "trigger": "purchase",
        "scope": {"merchants": list(rule.merchants), "card_types": list(rule.card_types)},
        "when": {"all": tests},
        "effects": [
            {"type": "earn", "purse": "points", "calc": {"mode": "fixed", "give": rule.points}, "max": 1000}
        ],
    }
