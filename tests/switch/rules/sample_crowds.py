"""Documents of many rules: a crowd of candidates is found in another way than a few."""

from tests.switch.rules.sample_conditions import narrow_test
from tests.switch.rules.sample_names import ITEMS, Dice, Json


def crowd(dice: Dice, document: Json, copies: int) -> Json:
    """The document with so many copies of its rules, most for one article, segment, tier or amount."""
    rules = document["rules"]
    assert isinstance(rules, list)
    crowded: list[Json] = list(rules)
    for number in range(copies):
        copied: Json = dict(rules[dice.number(len(rules) - 1)])
        copied["rule_id"] = f"C-{number}"
        shape = dice.number(5)
        if shape:
            test = narrow_test(dice, shape)
            written = copied.get("when")
            copied["when"] = {"all": [test, written]} if written else test
        elif (
            copied["kind"] in ("earn", "gift", "discount")
            and "basis" not in copied
            and not _multiplies(copied)
        ):
            copied["basis"] = {"include": [{"f": "item.sku", "v": [dice.one(ITEMS["item.sku"])]}]}
        crowded.append(copied)
    return document | {"rules": crowded}


def _multiplies(rule: Json) -> bool:
    effects = rule["effects"]
    assert isinstance(effects, list)
    return any(effect.get("calc", {}).get("mode") == "multiplier" for effect in effects)
