"""What a rule document decides, read rule by rule: slow and plain, to check the compiled evaluator against.

It reads the document as it was written and shares nothing with the compiler or the evaluator: no index, no
memo, exact fractions, and the calendars by library. It never serves requests. One-line rules
(`RuleSet.simple`) have to be written out before.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from switch.rules.facts import Facts
from switch.rules.outcome import (
    NEVER_S,
    CounterMove,
    CounterView,
    EffectType,
    Funding,
    Grant,
    GrantReason,
    Outcome,
    Party,
    Refusal,
)
from switch.rules.reference_amounts import Amounts, Wish, counter_of, give_of, rate_of, rounded
from switch.rules.schema.document import RuleSet
from switch.rules.schema.effects import EffectSpec
from switch.rules.schema.rule import CapSpec, Rule


def decide_by_reading(document: RuleSet, facts: Facts, counters: CounterView) -> Outcome:
    """The outcome of a request, found by reading the document from top to bottom."""
    return _Decision(document, facts, counters).outcome()


class _Refused(Exception):  # noqa: N818  (a refusal is an outcome)
    def __init__(self, rule: Rule | None, code: str, effect: EffectSpec | None = None) -> None:
        text = effect.text if effect else None
        texts = (text.fa, text.en) if text else ("", "")
        named = (rule.rule_id, rule.version) if rule else ("", 0)
        self.refusal = Refusal(*named, code, *texts)


class _Decision(Amounts):
    """One evaluation, stage after stage."""

    def __init__(self, document: RuleSet, facts: Facts, counters: CounterView) -> None:
        super().__init__(document, facts, counters)
        live = [rule for rule in document.rules if rule.status in ("active", "scheduled")]
        self._rules = sorted(live, key=lambda rule: (-rule.priority, rule.rule_id))
        self._kept: set[str] = set()
        self._excluded: set[str] = set()

    def outcome(self) -> Outcome:
        """All stages in their order."""
        try:
            self._pass_gates()
            if self.facts.trigger == "conversion":
                cost, converted = self._convert()
                return self._finished(0, (), (cost,), None, (converted,))
            discounts, costs = self._discounts()
            discount = sum(grant.granted for grant in discounts)
            tender = self._tender(self.amount - discount)
        except _Refused as refused:
            return Outcome(refused.refusal, self.amount, 0, 0, self.amount, (), (), None, (), (), ())
        tendered = tender.basis if tender else 0
        self.net = self.amount - discount - tendered
        self.points_paid = tendered * 1000 // self.amount if self.amount else 0
        grants, gift_costs = self._earnings()
        self._count_declared()
        return self._finished(tendered, discounts, costs + gift_costs, tender, grants)

    def _finished(
        self,
        tendered: int,
        discounts: tuple[Grant, ...],
        costs: tuple[Grant, ...],
        tender: Grant | None,
        grants: tuple[Grant, ...],
    ) -> Outcome:
        discount = sum(grant.granted for grant in discounts)
        moves = [
            CounterMove(key, delta, restore, is_use)
            for (key, restore, is_use), delta in sorted(self.moves.items())
            if delta
        ]
        texts: list[tuple[str, str]] = []
        for grant in (*discounts, *([tender] if tender else []), *grants):
            text = next(rule.member_text for rule in self._rules if rule.rule_id == grant.rule_id)
            if grant.granted > 0 and (text.fa or text.en) and (text.fa, text.en) not in texts:
                texts.append((text.fa, text.en))
        net = self.amount - discount - tendered
        return Outcome(
            None,
            self.amount,
            discount,
            tendered,
            net,
            discounts,
            costs,
            tender,
            grants,
            tuple(moves),
            tuple(texts),
        )

    # Which rules are kept

    def _keep(self, kinds: Sequence[str], phase: str = "") -> list[Rule]:
        """The rules of one stage that match and that no kept rule stands against, in table order."""
        kept: list[Rule] = []
        for rule in self._rules:
            if rule.kind not in kinds or (phase and _phase(rule) != phase) or not self.matches(rule):
                continue
            if rule.rule_id in self._excluded or not self._kept.issuperset(rule.stacking.requires):
                continue
            if not self._can_pay(rule):
                continue
            kept.append(rule)
            self._kept.add(rule.rule_id)
            self._excluded.update(rule.stacking.excludes)
            if rule.stacking.stop_after or self._asked(rule) is not None:
                break
        return kept

    def _can_pay(self, rule: Rule) -> bool:
        costs: dict[int, int] = {}
        for effect in rule.effects:
            if effect.type == "cost":
                purse = self.purse_code(effect.purse_name)
                costs[purse] = costs.get(purse, 0) + give_of(effect)
        return all(self.facts.balances.get(purse, 0) >= cost for purse, cost in costs.items())

    # Stage 1: gates

    def _pass_gates(self) -> None:
        gates = self._keep(["gate"])
        for rule in gates:
            broken = [
                self.value(counter_of(rule, cap), cap.per, cap.window) + self._occasion(cap) > cap.limit
                for cap in rule.caps
            ]
            if broken and not any(broken):
                continue
            for effect in rule.effects:
                if effect.type == "deny":
                    raise _Refused(rule, effect.code or "57", effect)
                if not self.facts.has_pin:
                    raise _Refused(rule, "70", effect)
        for rule in gates:
            for cap in rule.caps:
                self.count(
                    counter_of(rule, cap), cap.per, cap.window, self._occasion(cap), is_use=cap.of == "uses"
                )

    def _occasion(self, cap: CapSpec) -> int:
        return 1 if cap.of == "uses" else self.amount

    # Stage 2: discounts

    def _discounts(self) -> tuple[tuple[Grant, ...], tuple[Grant, ...]]:
        wishes = self.stacked([self.wishes_of(rule) for rule in self._keep(["discount"])])
        room = self.amount
        grants: list[Grant] = []
        for wish in wishes:
            grants.append(self.granted_of(wish, room))
            room -= grants[-1].granted
        return tuple(grants), self._settled(wishes, grants)

    # Stage 3: paying from a purse, and converting

    def _tender(self, payable: int) -> Grant | None:
        facts = self.facts
        if facts.tender_purse == 0 or payable == 0:
            return None
        rule, index, effect = self._spending("burn")
        rate = rate_of(effect)
        part, units = payable, ceil(payable * rate)
        if facts.tender_amount is not None:
            if not 0 < facts.tender_amount <= payable:
                raise _Refused(rule, "13")
            part, units = facts.tender_amount, ceil(facts.tender_amount * rate)
        elif facts.tender_units is not None:
            part = floor(facts.tender_units / rate)
            if part == 0:
                raise _Refused(rule, "13")
            if part < payable:
                units = facts.tender_units
            else:
                part = payable
        if effect.step and units % effect.step and part != payable:
            raise _Refused(rule, "13")
        self._check_bounds(rule, effect, units)
        if Fraction(part, payable) > Fraction(effect.share_max or 1000, 1000):
            raise _Refused(rule, "61")
        return self._spent(rule, index, EffectType.TENDER, units, part)

    def _convert(self) -> tuple[Grant, Grant]:
        rule, index, effect = self._spending("convert")
        units = self.facts.tender_units or 0
        if units == 0 or (effect.step and units % effect.step):
            raise _Refused(rule, "13")
        self._check_bounds(rule, effect, units)
        cost = self._spent(rule, index, EffectType.COST, units, units)
        give = rounded(units * rate_of(effect), effect.rounding)
        if give == 0:
            raise _Refused(rule, "13")
        target = self.purse_code(effect.target)
        wish = Wish(rule, index, effect, target, Party.MEMBER, self.facts.subject.member, give, units, 0)
        return cost, self.grant_of(wish, give, GrantReason.GRANTED, (Funding(Party.PROGRAMME, 1, give),))

    def _spending(self, kind: str) -> tuple[Rule, int, EffectSpec]:
        """The first rule that spends from the purse that is asked for, and its effect."""
        kept = self._keep([kind])
        index = self._asked(kept[-1]) if kept else None
        if index is None:
            raise _Refused(None, "57")
        return kept[-1], index, kept[-1].effects[index]

    def _asked(self, rule: Rule) -> int | None:
        """The place of the effect that spends from the purse asked for (and fills the one asked for)."""
        facts = self.facts
        for index, effect in enumerate(rule.effects):
            if effect.type == "tender" and self.purse_code(effect.purse_name) == facts.tender_purse:
                return index
            asked = (facts.tender_purse, facts.reward)
            converts = (self.purse_code(effect.purse_name), str(self.purse_code(effect.target)))
            if effect.type == "convert" and converts == asked:
                return index
        return None

    def _check_bounds(self, rule: Rule, effect: EffectSpec, units: int) -> None:
        if units < (effect.min or 0) or (effect.max and units > effect.max):
            raise _Refused(rule, "61")

    def _spent(self, rule: Rule, index: int, kind: EffectType, units: int, basis: int) -> Grant:
        """The spending of some units, where the rule's caps have room for all of it."""
        effect = rule.effects[index]
        purse = self.purse_code(effect.purse_name)
        counted = {"uses": 1, "amount": basis, "units": units, "liability": self.rial(purse, units)}
        for cap in rule.caps:
            if counted[cap.of] > self.room(counter_of(rule, cap), cap):
                raise _Refused(rule, "65" if cap.of == "uses" else "61")
        for cap in rule.caps:
            self.count(counter_of(rule, cap), cap.per, cap.window, counted[cap.of], is_use=cap.of == "uses")
        return self._taken(rule, index, kind, units, basis)

    def _taken(self, rule: Rule, index: int, kind: EffectType, units: int, basis: int) -> Grant:
        purse = self.purse_code(rule.effects[index].purse_name)
        member = self.facts.subject.member
        wish = Wish(rule, index, rule.effects[index], purse, Party.MEMBER, member, units, basis, 0)
        taken = self.grant_of(wish, units, GrantReason.GRANTED, ())
        return taken._replace(type=kind, available_from_s=0, expires_at_s=NEVER_S, reference="")

    # Stages 5 and 6: earnings, gifts, declared counters

    def _earnings(self) -> tuple[tuple[Grant, ...], tuple[Grant, ...]]:
        wishes = self.stacked([self.wishes_of(rule) for rule in self._keep(["earn"], "base")])
        base = tuple(wishes)
        for phase in ("multiplier", "bonus"):
            kept = self._keep(["earn", "gift"], phase)
            wishes += self.stacked([self.wishes_of(rule, base) for rule in kept])
        grants = [self.granted_of(wish, None) for wish in wishes]
        return tuple(grants), self._settled(wishes, grants)

    def _count_declared(self) -> None:
        if self.facts.trigger != "purchase":
            return
        lines, metrics = self.facts.lines, self.facts.metrics
        for counter in self.document.counters:
            if counter.when is None or self.holds(counter.when):
                delta = {
                    "visits": 1,
                    "amount": self.amount,
                    "quantity": sum(line.quantity for line in lines),
                }.get(counter.of, metrics.get(counter.of.removeprefix("metric:"), 0))
                name, is_use = f"counter:{counter.id}", counter.of == "visits"
                self.count(name, counter.per, counter.window, delta, is_use=is_use)

    def _settled(self, wishes: list[Wish], grants: list[Grant]) -> tuple[Grant, ...]:
        """Counts the use of each rule that gave something, and takes what it costs."""
        costs: list[Grant] = []
        for place, wish in enumerate(wishes):
            rule = wish.rule
            given = sum(grant.granted for grant in grants if grant.rule_id == rule.rule_id)
            if given == 0 or any(earlier.rule is rule for earlier in wishes[:place]):
                continue
            for cap in rule.caps:
                if cap.of in ("uses", "amount"):
                    delta = 1 if cap.of == "uses" else wish.basis
                    self.count(counter_of(rule, cap), cap.per, cap.window, delta, is_use=cap.of == "uses")
            for index, effect in enumerate(rule.effects):
                if effect.type == "cost":
                    costs.append(self._taken(rule, index, EffectType.COST, give_of(effect), give_of(effect)))
        return tuple(costs)


def _phase(rule: Rule) -> str:
    if rule.is_multiplier:
        return "multiplier"
    return "bonus" if rule.kind == "gift" else rule.stacking.phase or "base"
