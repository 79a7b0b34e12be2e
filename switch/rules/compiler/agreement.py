"""How the parts of one rule must agree: kind, trigger, basis, effects, caps and stacking."""

from typing import Final

from switch.rules.compiler.faults import FaultSink
from switch.rules.schema.effects import EffectSpec
from switch.rules.schema.rule import DEFAULT_GROUP, Rule

_EFFECTS: Final[dict[str, frozenset[str]]] = {
    "gate": frozenset(("deny", "require_pin")),
    "discount": frozenset(("discount", "cost")),
    "burn": frozenset(("tender",)),
    "earn": frozenset(("earn", "item", "voucher", "ticket")),
    "gift": frozenset(("earn", "item", "voucher", "ticket", "cost")),
    "convert": frozenset(("convert",)),
}
# Kinds that give something whose amount has a basis, a stack group and a budget.
_GIVING: Final = ("discount", "earn", "gift")


def check_agreement(rule: Rule, faults: FaultSink) -> None:
    """Tells of everything in the rule that doesn't go together."""
    _check_triggers(rule, faults)
    _check_effects(rule, faults)
    _check_basis(rule, faults)
    if rule.caps:
        _check_caps(rule, faults)
    _check_stacking(rule, faults)
    if rule.budget is not None and rule.kind not in _GIVING:
        faults.add("budget", f"kind {rule.kind} spends no budget")
    if rule.revision_of is not None and rule.revision_of >= rule.version:
        faults.add("revision_of", "a revision has a higher version than what it revises")


def _check_triggers(rule: Rule, faults: FaultSink) -> None:
    triggers = rule.triggers
    if len(set(triggers)) != len(triggers):
        faults.add("trigger", "a trigger stands twice")
    if rule.kind == "burn":
        if triggers != ("burn_request",):
            faults.add("trigger", "kind burn has trigger burn_request")
    elif rule.kind == "convert":
        if triggers != ("conversion",):
            faults.add("trigger", "kind convert has trigger conversion")
    elif rule.kind == "discount":
        if triggers not in (("purchase",), ("burn_request",)):
            faults.add("trigger", "kind discount has trigger purchase or burn_request")
    else:
        if "burn_request" in triggers and (rule.kind not in ("gate", "gift") or len(triggers) > 1):
            faults.add("trigger", "burn_request stands alone, on kinds gate, burn, discount and gift")
        if "conversion" in triggers and rule.kind != "gate":
            faults.add("trigger", f"kind {rule.kind} doesn't look at conversions")


def _check_effects(rule: Rule, faults: FaultSink) -> None:
    allowed = _EFFECTS[rule.kind]
    for index, effect in enumerate(rule.effects):
        if effect.type not in allowed:
            faults.add(f"effects.{index}.type", f"kind {rule.kind} has no effect {effect.type}")
    if rule.kind in ("gate", "convert"):
        if len(rule.effects) > 1:
            faults.add("effects", f"kind {rule.kind} has one effect")
    elif rule.kind in ("discount", "gift"):
        if all(effect.type == "cost" for effect in rule.effects):
            faults.add("effects", f"a {rule.kind} gives something, not only a cost")
    elif rule.kind == "burn":
        purses = [effect.purse for effect in rule.effects]
        for index, purse in enumerate(purses):
            if purse in purses[:index]:
                faults.add(f"effects.{index}.purse", f"purse {purse} already has a tender in this rule")
    elif rule.is_multiplier and not all(map(_multiplies, rule.effects)):
        faults.add("effects", "a rule multiplies with all its effects or with none")
    if rule.kind == "gift" and rule.is_multiplier:
        faults.add("effects", "only kind earn multiplies")


def _check_basis(rule: Rule, faults: FaultSink) -> None:
    basis = rule.basis
    selects = bool(basis.include or basis.exclude)
    if rule.kind not in _GIVING:
        if selects or basis.of not in (None, "amount"):
            faults.add("basis", f"kind {rule.kind} has basis amount, of the whole bill")
        return
    if rule.kind == "discount" and basis.of == "net_after_burn":
        faults.add("basis.of", "what is left after points is known only after discounts")
    if selects and (rule.basis_of == "visits" or rule.basis_of.startswith("metric:")):
        faults.add("basis", f"basis {rule.basis_of} has no basket lines to select")
    if selects and rule.is_multiplier:
        faults.add("basis", "a multiplier multiplies what base rules gave: it selects no lines")


def _check_caps(rule: Rule, faults: FaultSink) -> None:
    granting = [effect for effect in rule.effects if effect.type != "cost"]
    is_of_one_purse = len({effect.purse_name for effect in granting}) == 1
    for index, cap in enumerate(rule.caps):
        path = f"caps.{index}.of"
        if rule.kind == "gate" and cap.of not in ("uses", "amount"):
            faults.add(path, "a gate counts uses or amount")
        elif rule.kind == "convert" and cap.of not in ("uses", "units"):
            faults.add(path, "a conversion counts uses or units")
        elif cap.of == "units" and not is_of_one_purse:
            faults.add(path, "units of different purses can't be added: cap uses, amount or liability")


def _check_stacking(rule: Rule, faults: FaultSink) -> None:
    stacking = rule.stacking
    if rule.rule_id in stacking.excludes or rule.rule_id in stacking.requires:
        faults.add("stacking", "a rule neither excludes nor requires itself")
    for rule_id in sorted(set(stacking.excludes) & set(stacking.requires)):
        faults.add("stacking", f"{rule_id} is both excluded and required")
    if stacking.group != DEFAULT_GROUP and rule.kind not in _GIVING:
        faults.add("stacking.group", f"kind {rule.kind} is in no group")
    if stacking.phase is not None:
        if rule.kind == "gift" and stacking.phase != "bonus":
            faults.add("stacking.phase", "a gift is in phase bonus")
        elif rule.kind not in ("earn", "gift"):
            faults.add("stacking.phase", f"kind {rule.kind} has no phase")
        elif rule.is_multiplier:
            faults.add("stacking.phase", "a multiplier has a phase of its own")


def _multiplies(effect: EffectSpec) -> bool:
    return effect.calc is not None and effect.calc.mode == "multiplier"
