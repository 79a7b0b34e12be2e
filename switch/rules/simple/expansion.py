"""From what a line says to the rule that it stands for."""

from switch.rules.packing.bounds import TEXT_BYTES_MAX
from switch.rules.schema.document import Head, SimpleRule
from switch.rules.schema.rule import Rule
from switch.rules.simple.grammar import Line, Parser
from switch.rules.simple.lexicon import Lexicon

_Part = dict[str, object]


class Expander:
    """Expands the simple rules of one document, whose purses and tiers they may name."""

    def __init__(self, head: Head) -> None:
        purses = {purse.name: (purse.title.fa, purse.title.en) for purse in head.purses}
        self.lexicon = Lexicon(purses, [level.name for level in head.tiers.levels] if head.tiers else [])

    def rule(self, simple: SimpleRule) -> Rule:
        """The full rule. Raises SimpleFault for a line that isn't understood, ValidationError for one that
        says too much or nothing (a number beyond all bounds)."""
        line = Parser(simple.text, self.lexicon).line()
        name = _cut(simple.text)
        fits = len(simple.text.encode("utf-8")) <= TEXT_BYTES_MAX
        member_text = {"fa": simple.text, "en": simple.text} if fits else {}
        written: _Part = {
            "rule_id": simple.rule_id,
            "version": simple.version,
            "status": simple.status,
            "priority": simple.priority,
            "name": simple.name or {"fa": name, "en": name},
            "member_text": simple.member_text or member_text,
            "kind": "earn" if line.given.purse else "discount",
            "trigger": _trigger(line),
            "schedule": _schedule(line),
            "effects": _effects(line),
            "caps": [
                {"of": cap.of, "per": "member", "window": cap.window, "limit": cap.limit}
                for cap in line.caps
                if cap.window != "transaction"
            ],
        }
        if line.given.event:
            # Events have no bill to compute from.
            written["basis"] = {"of": "visits"}
        places, conditions = _places(line)
        conditions += _conditions(line)
        written["scope"] = places
        if conditions:
            written["when"] = conditions[0] if len(conditions) == 1 else {"all": conditions}
        return Rule.model_validate(written)


def _trigger(line: Line) -> str:
    return "burn_request" if line.cost is not None else line.given.event or "purchase"


def _effects(line: Line) -> list[_Part]:
    given = line.given
    if given.form == "percent" and given.amount.denominator == 1:
        calc: _Part = {"mode": "percent", "give": given.amount.numerator}
    elif given.form == "percent":
        share = given.amount / 100
        calc = {"mode": "rate", "give": share.numerator, "per": share.denominator}
    elif given.form == "multiplier":
        calc = {"mode": "multiplier", "give": given.amount.numerator, "per": given.amount.denominator}
    elif given.form == "rate":
        calc = {"mode": "rate", "give": given.amount.numerator, "per": given.per}
    else:
        calc = {"mode": "fixed", "give": given.amount.numerator}
    effect: _Part = {"type": "earn" if given.purse else "discount", "calc": calc}
    if given.purse:
        effect["purse"] = given.purse
    for cap in line.caps:
        if cap.window == "transaction" and cap.of == "units":
            effect["max"] = cap.limit
    effects = [effect]
    if line.cost is not None:
        purse, units = line.cost
        effects.append({"type": "cost", "purse": purse, "calc": {"mode": "fixed", "give": units}})
    return effects


def _schedule(line: Line) -> _Part:
    schedule: _Part = {}
    if line.first_day:
        schedule["from"] = line.first_day
    if line.last_day:
        schedule["to"] = line.last_day
    window: _Part = {}
    if line.days:
        window["days"] = list(dict.fromkeys(line.days))
    if line.clocks is not None:
        window["from"], window["to"] = line.clocks
    if window:
        schedule["windows"] = [window]
    return schedule


def _places(line: Line) -> tuple[_Part, list[_Part]]:
    if line.branches and line.merchants:
        # Lists of a scope hold together; here either is enough.
        either = [
            {"f": "branch", "op": "in", "v": line.branches},
            {"f": "merchant", "op": "in", "v": line.merchants},
        ]
        return {}, [{"any": either}]
    return {"branches": line.branches, "merchants": line.merchants}, []


def _conditions(line: Line) -> list[_Part]:
    conditions: list[_Part] = []
    if line.above is not None:
        conditions.append({"f": "amount", "op": ">", "v": line.above})
    if line.at_least is not None:
        conditions.append({"f": "amount", "op": ">=", "v": line.at_least})
    if line.tiers:
        conditions.append({"f": "tier", "op": "in", "v": line.tiers})
    return conditions


def _cut(text: str) -> str:
    """As much of a text as a name can hold."""
    return text.encode("utf-8")[:TEXT_BYTES_MAX].decode("utf-8", "ignore")
