"""Random rule documents for hypothesis: valid under the schema, from few names and few amounts, so that rules
meet, thresholds are hit and caps collide.

Documents are plain JSON values, as an editor of rules would send them.
"""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.switch.rules.sample_conditions import condition
from tests.switch.rules.sample_names import (
    AGREEMENTS,
    AMOUNTS,
    BUDGETS,
    COUNTERS,
    DATES,
    DAYS,
    GROUPS,
    ITEMS,
    JALALI_DATES,
    PURSES,
    RULE_IDS,
    SCOPES,
    SEGMENTS,
    SPENDABLE,
    SUBJECTS,
    TEXTS,
    TRIGGERS,
    UNIT_BUDGETS,
    ZONES,
    Dice,
    Json,
)


def _window(dice: Dice) -> str:
    return dice.one(("day", "hour", "week", "month", "year", "lifetime", "rolling:P3D", "rolling:P30D"))


def _cap(dice: Dice, kinds: Sequence[str]) -> Json:
    kind = dice.one(kinds)
    limit = dice.amount((1, 2, 3)) if kind == "uses" else dice.amount(AMOUNTS[1:])
    per = dice.one(("transaction", *SUBJECTS))
    cap: Json = {"of": kind, "per": per, "limit": limit}
    if per != "transaction":
        cap["window"] = _window(dice)
    if kind != "uses" and dice.number(1):
        cap["on_hit"] = dice.one(("clip", "skip"))
    return cap


def _calc(dice: Dice, modes: Sequence[str]) -> Json:
    mode = dice.one(modes)
    give = dice.amount((1, 2, 3, 10, 150, 1000))
    if mode == "fixed":
        return {"mode": mode, "give": give}
    if mode == "percent":
        return {"mode": mode, "give": dice.amount((1, 5, 33, 100))}
    if mode == "multiplier":
        return {"mode": mode, "give": dice.amount((3, 4, 5)), "per": dice.amount((1, 2))}
    if mode == "banded":
        starts = sorted({dice.amount() for _ in range(1 + dice.number(2))})
        bands: list[Json] = [{"from": start, "give": dice.amount((1, 5, 100))} for start in starts]
        for band in bands:
            if dice.number(1):
                band["per"] = dice.amount((1, 10, 1000))
        return {"mode": mode, "bands": bands}
    return {"mode": mode, "give": give, "per": dice.amount((1, 3, 100, 1000, 7))}


def _bounds(dice: Dice, effect: Json, values: Sequence[int] = (1, 5, 100, 1000)) -> None:
    low, high = sorted((dice.amount(values), dice.amount(values)))
    if dice.once_in(4):
        effect["min"] = low
    if dice.once_in(4):
        effect["max"] = high


def _expiry(dice: Dice) -> Json:
    model = dice.one(("rolling", "fixed", "never"))
    if model == "fixed":
        return {"model": model, "at": dice.one(DATES)}
    if model == "never":
        return {"model": model}
    period = dice.one(("P1D", "P30D", "P1M", "P6M", "P12M", "P1Y"))
    return {"model": model, "period": period, "end": dice.one(("day", "week", "month", "quarter", "year"))}


def _earn_effect(dice: Dice, modes: Sequence[str], purses: Sequence[str]) -> Json:
    effect: Json = {"type": "earn", "purse": dice.one(purses), "calc": _calc(dice, modes)}
    effect["rounding"] = dice.one(("floor", "half_up", "ceil"))
    _bounds(dice, effect)
    if dice.once_in(3):
        effect["expiry"] = _expiry(dice)
    if dice.once_in(3):
        effect["pending"] = dice.one(("P14D", "P1D", "on_action", "none"))
    if dice.once_in(4):
        effect["to"] = dice.one(("household", "merchant", "charity:7", "partner:3", "member"))
    elif modes != ("multiplier",) and dice.once_in(5):
        del effect["calc"]
        effect["levels"] = [
            {"give": dice.amount((1, 10)), **({"per": dice.amount((10, 1000))} if dice.number(1) else {})}
            for _ in range(1 + dice.number(2))
        ]
    return effect


def _gift_effect(dice: Dice) -> Json:
    kind = dice.one(("item", "voucher", "ticket"))
    effect: Json = {"type": kind, "reference": "tea"}
    if dice.number(1):
        effect["calc"] = _calc(dice, ("fixed", "rate", "banded"))
        _bounds(dice, effect)
    if dice.once_in(4):
        effect["expiry"] = _expiry(dice)
    return effect


def _tender_effect(dice: Dice, purse: str) -> Json:
    effect: Json = {
        "type": "tender",
        "purse": purse,
        "calc": {"mode": "rate", "give": dice.amount((1, 2, 7)), "per": dice.amount((1, 3, 1000))},
    }
    _bounds(dice, effect, (1, 5, 100))
    if dice.once_in(4):
        effect["step"] = dice.amount((1, 5, 10))
    if dice.once_in(4):
        effect["share_max"] = dice.amount((1, 500, 1000))
    return effect


def _convert_effect(dice: Dice) -> Json:
    source = dice.one(SPENDABLE)
    effect: Json = {
        "type": "convert",
        "purse": source,
        "target": dice.one([purse for purse in SPENDABLE if purse != source]),
        "calc": {"mode": "rate", "give": dice.amount((1, 7)), "per": dice.amount((1, 3, 10))},
        "rounding": dice.one(("floor", "half_up", "ceil")),
    }
    _bounds(dice, effect, (1, 5, 100))
    if dice.once_in(4):
        effect["step"] = dice.amount((1, 5, 10))
    if dice.once_in(4):
        effect["expiry"] = _expiry(dice)
        effect["pending"] = dice.one(("P14D", "on_action", "none"))
    return effect


def _cost_effect(dice: Dice) -> Json:
    give = dice.amount((1, 5, 1000))
    return {"type": "cost", "purse": dice.one(SPENDABLE), "calc": {"mode": "fixed", "give": give}}


def _basis(dice: Dice, kind: str) -> Json:
    kinds = ("amount", "lines", "quantity", "net_after_burn", "net_after_burn", "metric:miles", "visits")
    of = dice.one(kinds if kind != "discount" else kinds[:3])
    basis: Json = {"of": of}
    for word in ("include", "exclude"):
        if of not in ("visits", "metric:miles") and dice.once_in(3):
            chosen = [dice.one(tuple(ITEMS)) for _ in range(1 + dice.number(1))]
            basis[word] = [{"f": name, "v": dice.some(ITEMS[name])} for name in chosen]
    return basis


def _schedule(dice: Dice) -> Json:
    schedule: Json = {}
    if dice.number(1):
        start, stop = sorted((dice.number(len(DATES) - 1), dice.number(len(DATES) - 1)))
        hours = ("", "T12:37:30Z", "T16:07:30+03:30", "T16:07:29", " 12:37")
        schedule["from"] = DATES[start] + dice.one(hours)
        if stop > start:
            schedule["to"] = DATES[stop] + dice.one(hours)
    if dice.number(1):
        # 16:07 in Tehran is 12:37 UTC; edges inside a quarter of an hour are found in another way.
        edges = ("00:00", "04:30", "08:00", "12:37", "16:00", "16:07", "23:00")
        schedule["windows"] = [
            {"days": dice.some(DAYS), "from": dice.one(edges), "to": dice.one(edges)}
            for _ in range(1 + dice.number(1))
        ]
    if dice.once_in(3):
        schedule["blackout"] = [dice.one((*DATES, *JALALI_DATES, "1404-01-01..1404-01-04"))]
    return schedule


def _needed_agreements(dice: Dice) -> Json:
    """What all rules need; mostly nothing, or hardly one would match."""
    if not dice.once_in(6):
        return {}
    return {act: dice.some(tuple(AGREEMENTS)) for act in dice.some(("earn", "spend"))}


def _kind_parts(dice: Dice, kind: str, budget: str) -> Json:
    """What only this kind of rule has: effects, trigger and phase."""
    if kind == "gate":
        effect: Json = {"type": "deny", "code": "62", "text": {"fa": "نمی‌شود", "en": "no"}}
        if dice.number(1):
            effect = {"type": "require_pin", "text": {"fa": "رمز", "en": "PIN"}}
        triggers = dice.some((*TRIGGERS, "conversion")) if dice.number(1) else ["purchase"]
        if dice.once_in(3):
            triggers = ["burn_request"]
        return {"effects": [effect], "trigger": triggers}
    if kind == "burn":
        effects = [_tender_effect(dice, purse) for purse in dice.some(SPENDABLE)]
        return {"effects": effects, "trigger": "burn_request"}
    if kind == "convert":
        return {"effects": [_convert_effect(dice)], "trigger": "conversion"}
    costs = [_cost_effect(dice) for _ in range(1 + dice.number(1))] if dice.once_in(4) else []
    asked = dice.once_in(5)
    if kind == "discount":
        discount: Json = {"type": "discount", "calc": _calc(dice, ("percent", "fixed", "rate", "banded"))}
        discount["rounding"] = dice.one(("floor", "half_up", "ceil"))
        _bounds(dice, discount)
        return {"effects": [discount, *costs], "trigger": "burn_request" if asked else "purchase"}
    modes = ("rate", "fixed", "percent", "banded")
    purses = ("points", "points", "credit", "coins", "tier_points") if budget != "B-2" else ("points",)
    triggers = dice.some(TRIGGERS) if dice.once_in(4) else ["purchase"]
    if kind == "gift":
        has_earning = budget == "B-2" or dice.once_in(4)
        gifts = [_earn_effect(dice, modes, purses)] if has_earning else []
        if budget != "B-2":
            gifts += [_gift_effect(dice) for _ in range(1 + dice.number(1))]
        return {"effects": [*gifts, *costs], "trigger": "burn_request" if asked else triggers}
    if asked:
        effects = [_earn_effect(dice, ("multiplier",), purses) for _ in range(1 + dice.number(1))]
        return {"effects": effects, "trigger": triggers, "phase": "multiplier"}
    effects = [_earn_effect(dice, modes, purses) for _ in range(1 + dice.number(1))]
    return {"effects": effects, "trigger": triggers, "phase": dice.one(("base", "base", "bonus"))}


# As often as they are to stand in a document.
KINDS = (
    *("earn",) * 6,
    "gift",
    "gift",
    "discount",
    "discount",
    "discount",
    "burn",
    "burn",
    "gate",
    "convert",
)
CAP_KINDS: dict[str, tuple[str, ...]] = {
    "gate": ("uses", "amount"),
    "discount": ("units", "uses", "amount", "liability"),
    "burn": ("units", "uses", "amount", "liability"),
    "convert": ("units", "uses"),
    "earn": ("units", "uses", "amount", "liability"),
    "gift": ("units", "uses", "amount", "liability"),
}


def _rule(dice: Dice, rule_id: str) -> Json:
    kind = dice.one(KINDS)
    gives = kind in ("earn", "gift", "discount")
    budget = ""
    if gives and dice.once_in(3):
        budget = dice.one(("B-1", "B-3") if kind == "discount" else ("B-1", "B-2"))
    parts = _kind_parts(dice, kind, budget)
    phase = parts.pop("phase", "")
    rule: Json = {
        "rule_id": rule_id,
        "version": 1 + dice.number(2),
        "status": "active" if dice.number(15) else dice.one(("draft", "scheduled", "paused")),
        "kind": kind,
        "name": {"fa": f"قاعدهٔ {rule_id}", "en": f"Rule {rule_id}"},
        **parts,
    }
    if budget:
        rule["budget"] = budget
    if dice.number(1):
        rule["member_text"] = {"fa": f"متن {rule_id}", "en": f"Text {dice.number(1)}"}
    if dice.number(1):
        rule["priority"] = dice.amount((50, 100, 200))
    if dice.once_in(5):
        rule["schedule"] = _schedule(dice)
    if dice.once_in(8):
        word = dice.one(tuple(SCOPES))
        rule["scope"] = {word: dice.some(TEXTS[SCOPES[word]])}
    if dice.once_in(4):
        rule["when"] = condition(dice)
    if gives and dice.number(1) and phase != "multiplier":
        rule["basis"] = _basis(dice, kind)
    if dice.once_in(3) or (kind == "gate" and dice.number(3)):
        rule["caps"] = _caps(dice, kind, parts["effects"])
    stacking = _stacking(dice, rule_id)
    if gives and dice.number(1):
        stacking["group"] = dice.one(GROUPS)
    if phase == "bonus":
        stacking["phase"] = phase
    rule["stacking"] = stacking
    if dice.once_in(8):
        rule["gate"] = {"agreements": dice.some(tuple(AGREEMENTS)), "member_status": ["active"]}
    if dice.once_in(3):
        rule["reversal"] = {
            "on_return": dice.one(("pro_rata", "by_line", "full", "keep")),
            "allow_negative": bool(dice.number(1)),
            "restore_budget": bool(dice.number(1)),
        }
    return rule


def _caps(dice: Dice, kind: str, effects: object) -> list[Json]:
    kinds = CAP_KINDS[kind]
    assert isinstance(effects, list)
    filled = {effect.get("purse", effect["type"]) for effect in effects if effect["type"] != "cost"}
    if len(filled) > 1:
        # Units of different purses can't be added.
        kinds = tuple(of for of in kinds if of != "units")
    return [_cap(dice, kinds) for _ in range(1 + dice.number(1))]


def _stacking(dice: Dice, rule_id: str) -> Json:
    stacking: Json = {}
    other = dice.one(RULE_IDS)
    if dice.once_in(4) and other != rule_id:
        stacking[dice.one(("excludes", "requires"))] = [other]
    if dice.once_in(10):
        stacking["stop_after"] = True
    return stacking


def _budget(dice: Dice, budget_id: str) -> Json:
    budget: Json = {
        "id": budget_id,
        "amount": dice.amount((1, 5, 100, 1000, 5000, 100_000)),
        "unit": "units" if budget_id in UNIT_BUDGETS else "rial",
        "on_empty": dice.one(("stop", "continue_unfunded", "notify")),
    }
    if dice.number(1):
        shares = dice.amount((0, 1, 333, 600, 1000))
        partner: Json = {"party": "partner", "number": 3, "share": 1000 - shares}
        if shares not in (0, 1000):
            budget["funded_by"] = [{"party": dice.one(("merchant", "programme")), "share": shares}, partner]
        else:
            budget["funded_by"] = [{"party": dice.one(("merchant", "programme")), "share": 1000}]
    return budget


def _limit(dice: Dice) -> Json:
    limit = _cap(dice, ("units", "liability"))
    limit["purse"] = dice.one(("points", "points", "credit", "coins", "items"))
    return limit


def _counter(dice: Dice, counter_id: str) -> Json:
    counter: Json = {
        "id": counter_id,
        "of": dice.one(("visits", "amount", "quantity", "metric:miles")),
        "per": dice.one(SUBJECTS),
        "window": _window(dice),
    }
    if dice.once_in(3):
        counter["when"] = condition(dice, 1)
    return counter


@st.composite
def documents(draw: st.DrawFn, rules_max: int = 9) -> Json:
    """A whole rule document."""
    dice = Dice(draw)
    chosen = RULE_IDS[: 1 + dice.number(rules_max - 1)]
    rules = [_rule(dice, rule_id) for rule_id in chosen]
    for rule in rules:
        # A document may only name rules that it has.
        stacking = rule.get("stacking")
        if isinstance(stacking, dict):
            for word in ("excludes", "requires"):
                if word in stacking:
                    stacking[word] = [name for name in stacking[word] if name in chosen]
    document: Json = {
        "format": 2,
        "programme": "vafa",
        "time_zone": dice.one(ZONES),
        "calendar": dice.one(("jalali", "gregorian")),
        "purses": [
            {"name": name, "title": {"fa": name, "en": name}, "currency": "999", **parts}
            for name, parts in PURSES.items()
        ],
        "segments": dict(SEGMENTS),
        "agreements": dict(AGREEMENTS),
        "agreements_needed": _needed_agreements(dice),
        "groups": [
            {"name": "best", "mode": dice.one(("best_for_member", "best_for_owner"))},
            {"name": "other", "mode": dice.one(("first", "sum", "best_for_member"))},
        ],
        "budgets": [_budget(dice, budget_id) for budget_id in BUDGETS],
        "limits": [_limit(dice) for _ in range(dice.number(2))],
        "counters": [_counter(dice, counter_id) for counter_id in COUNTERS],
        "rules": rules,
    }
    if dice.number(1):
        levels = [{"name": "bronze", "from": 0}, {"name": "silver", "from": 1000}]
        document["tiers"] = {"purse": "tier_points", "levels": levels}
    return document
