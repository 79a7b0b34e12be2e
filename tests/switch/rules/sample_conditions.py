"""Random conditions for hypothesis."""

from tests.switch.rules.sample_names import (
    AGREEMENTS,
    AMOUNTS,
    DATES,
    DAYS,
    ITEMS,
    JALALI_DATES,
    SEGMENTS,
    SMALL,
    TEXTS,
    Dice,
    Json,
)


def _number_test(dice: Dice) -> Json:
    name = dice.one(
        (
            "amount",
            "amount",
            "net_amount",
            "points_paid",
            "basket.lines",
            "basket.quantity",
            "days_since_last",
            "enrolled_days",
            "birthday_distance",
            "referral.depth",
            "month",
            "day",
            "jalali.month",
            "jalali.day",
            "balance.points",
            "balance.credit",
            "metric.miles",
            "counter.visits",
            "counter.spent",
        )
    )
    values: tuple[int, ...] = SMALL
    if name in ("amount", "net_amount", "balance.points", "counter.spent"):
        values = AMOUNTS
    elif name in ("month", "jalali.month"):
        values = (1, 3, 9, 12)
    elif name in ("day", "jalali.day"):
        values = (1, 2, 20, 21, 30, 31)
    operator = dice.one((">=", ">", "<=", "<", "=", "!=", "in", "not_in", "between", "exists"))
    if operator == "exists":
        return {"f": name, "op": "exists"}
    if operator == "between":
        return {"f": name, "op": "between", "v": sorted((dice.amount(values), dice.amount(values)))}
    if operator in ("in", "not_in"):
        return {"f": name, "op": operator, "v": [dice.amount(values) for _ in range(1 + dice.number(2))]}
    return {"f": name, "op": operator, "v": dice.amount(values)}


def _time_test(dice: Dice) -> Json:
    name, values = (
        ("date", DATES),
        ("jalali.date", JALALI_DATES),
        ("minute", ("00:00", "04:30", "16:00", "23:59")),
        ("weekday", DAYS),
    )[dice.number(3)]
    return {"f": name, "op": dice.one((">=", "<", "=", "!=")), "v": dice.one(values)}


def _text_test(dice: Dice) -> Json:
    name = dice.one(tuple(TEXTS))
    operator = dice.one(("in", "not_in", "=", "!=", "exists"))
    if operator == "exists":
        return {"f": name, "op": "exists"}
    if operator in ("=", "!="):
        return {"f": name, "op": operator, "v": dice.one(TEXTS[name])}
    return {"f": name, "op": operator, "v": dice.some(TEXTS[name])}


def _set_test(dice: Dice) -> Json:
    name, values = (("segment", tuple(SEGMENTS)), ("agreement", tuple(AGREEMENTS)))[dice.number(1)]
    operator = dice.one(("has", "has_any", "has_all", "exists"))
    if operator == "exists":
        return {"f": name, "op": "exists"}
    return {"f": name, "op": operator, "v": dice.one(values) if operator == "has" else dice.some(values)}


def _item_test(dice: Dice) -> Json:
    name = dice.one(tuple(ITEMS))
    return {"f": name, "op": dice.one(("any_in", "all_in")), "v": dice.some(ITEMS[name])}


def condition(dice: Dice, depth: int = 2) -> Json:
    """A tree of tests."""
    shape = dice.number(6) if depth else 0
    if shape == 1:
        return {"not": condition(dice, depth - 1)}
    if shape in (2, 3):
        word = "all" if shape == 2 else "any"
        return {word: [condition(dice, depth - 1) for _ in range(1 + dice.number(2))]}
    return (_number_test, _number_test, _text_test, _set_test, _item_test, _time_test)[dice.number(5)](dice)


def narrow_test(dice: Dice, shape: int) -> Json:
    """A test as rules for one article, segment, tier or step of the amount have it, by `shape` 1..5."""
    if shape == 1:
        name = dice.one(tuple(ITEMS))
        return {"f": name, "op": dice.one(("any_in", "all_in")), "v": [dice.one(ITEMS[name])]}
    if shape == 2:
        names = tuple(SEGMENTS) if dice.number(1) else tuple(AGREEMENTS)
        word = "segment" if names[0] in SEGMENTS else "agreement"
        return {"f": word, "op": dice.one(("has_any", "has_all")), "v": dice.some(names)}
    if shape == 3:
        tests: list[Json] = [{"f": "tier", "op": "=", "v": value} for value in dice.some(TEXTS["tier"])]
        return {"any": tests}
    if shape == 4:
        low, high = sorted((dice.amount(), dice.amount()))
        return {"f": "amount", "op": "between", "v": [low, high]}
    return {
        "all": [
            {"f": "amount", "op": ">", "v": dice.amount()},
            {"f": "amount", "op": "<", "v": dice.amount()},
        ]
    }
