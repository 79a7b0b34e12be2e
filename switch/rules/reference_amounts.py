"""How much each effect of a rule document gives, and what caps, limits and budgets leave of it.

The second part of the reference, between `reference_reading` and `reference`.
"""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from switch.rules.facts import Facts
from switch.rules.outcome import (
    NEVER_S,
    CounterKey,
    CounterView,
    EffectType,
    Funding,
    Grant,
    GrantReason,
    Party,
    ReturnPolicy,
)
from switch.rules.reference_reading import Reading, is_selected
from switch.rules.schema.document import LimitSpec, RuleSet
from switch.rules.schema.effects import EffectSpec, LevelSpec
from switch.rules.schema.rule import CapSpec, Rule


class Wish(NamedTuple):
    """What one effect would give to one party, before caps."""

    rule: Rule
    effect_index: int
    effect: EffectSpec
    purse: int
    party: Party
    number: int
    desired: int
    basis: int
    lines: int


class Amounts(Reading):
    """Amounts of one request, and what this request has counted so far."""

    def __init__(self, document: RuleSet, facts: Facts, counters: CounterView) -> None:
        super().__init__(document, facts, counters)
        self._used: dict[str, int] = {}
        self.moves: dict[tuple[CounterKey, bool, bool], int] = {}

    def wishes_of(self, rule: Rule, base: Sequence[Wish] = ()) -> list[Wish]:
        """What a rule would give: basis, the caps on it, then effect by effect and level by level."""
        basis, lines = self._basis(rule)
        for cap in rule.caps:
            room = self.room(counter_of(rule, cap), cap)
            if cap.of in ("uses", "amount"):
                least = 1 if cap.of == "uses" or cap.on_hit == "clip" else basis
                if room < least:
                    return []
                basis = basis if cap.of == "uses" else min(basis, room)
        wishes: list[Wish] = []
        for index, effect in enumerate(rule.effects):
            if effect.type == "cost":
                continue
            purse = self.purse_code(effect.purse_name)
            for party, number, level in self._beneficiaries(effect):
                desired = 0
                if basis > 0 and not self._has_expired(effect):
                    desired = self._desired(effect, level, basis, base)
                wishes.append(Wish(rule, index, effect, purse, party, number, desired, basis, lines))
        return wishes

    def _basis(self, rule: Rule) -> tuple[int, int]:
        """What the rule's amounts are computed from, and the bits of the lines that it comes from."""
        include, exclude, of = rule.basis.include, rule.basis.exclude, rule.basis_of
        chosen = [is_selected(line, include, exclude) for line in self.facts.lines]
        lines = [line for line, is_chosen in zip(self.facts.lines, chosen, strict=True) if is_chosen]
        bits = sum(1 << place for place, is_chosen in enumerate(chosen) if is_chosen)
        has_selection = bool(include or exclude)
        if not has_selection and of not in ("lines", "quantity"):
            bits = 0
        amount = self.amount
        if has_selection and (self.facts.lines or include):
            amount = sum(line.amount for line in lines)
        if of == "net_after_burn" and rule.kind != "discount":
            share = Fraction(min(self.amount, amount), self.amount) if self.amount else Fraction(0)
            return floor(self.net * share), bits
        basis = {
            "lines": sum(line.amount for line in lines),
            "quantity": sum(line.quantity for line in lines),
            "visits": 1,
            "amount": amount,
            "net_after_burn": amount,
        }
        return basis.get(of, self.facts.metrics.get(of.removeprefix("metric:"), 0)), bits

    def _beneficiaries(self, effect: EffectSpec) -> list[tuple[Party, int, LevelSpec | None]]:
        """Who gets it: one party, or the introducers that are there, level by level."""
        subject = self.facts.subject
        if effect.levels:
            pairs = zip(self.facts.uplines, effect.levels, strict=False)
            return [(Party.MEMBER, upline, level) for upline, level in pairs]
        word, _, number = effect.to.partition(":")
        if word == "household" and subject.household:
            return [(Party.HOUSEHOLD, subject.household, None)]
        if word == "merchant":
            return [(Party.MERCHANT, subject.merchant, None)]
        if number:
            return [(Party[word.upper()], int(number), None)]
        return [(Party.MEMBER, subject.member, None)]

    def _desired(self, effect: EffectSpec, level: LevelSpec | None, basis: int, base: Sequence[Wish]) -> int:
        calc = effect.calc
        exact = Fraction(1)
        if level is not None:
            exact = Fraction(basis * level.give, level.per) if level.per else Fraction(level.give)
        elif calc is not None and calc.mode == "banded":
            reached = [band for band in calc.bands if band.from_ <= basis]
            exact = Fraction(0)
            if reached:
                give, per = reached[-1].give, reached[-1].per
                exact = Fraction(basis * give, per) if per else Fraction(give)
        elif calc is not None and calc.mode == "multiplier":
            own = (self.purse_code(effect.purse_name), Party.MEMBER, self.facts.subject.member)
            given = sum(wish.desired for wish in base if (wish.purse, wish.party, wish.number) == own)
            exact = given * (rate_of(effect) - 1)
        elif calc is not None:
            exact = Fraction(give_of(effect)) if calc.mode == "fixed" else basis * rate_of(effect)
        amount = rounded(exact, effect.rounding)
        if amount < (effect.min or 0):
            return 0
        return min(amount, effect.max) if effect.max else amount

    def _has_expired(self, effect: EffectSpec) -> bool:
        at = effect.expiry.at
        return at is not None and self.facts.at_s >= self.time.moment_s(at, is_end=True)

    def stacked(self, of_rules: list[list[Wish]]) -> list[Wish]:
        """What is left of the wishes of one phase when each stack group has been resolved."""
        of_rules = [wishes for wishes in of_rules if sum(wish.desired for wish in wishes) > 0]
        modes = {"base": "sum"} | {group.name: group.mode for group in self.document.groups}
        left: list[Wish] = []
        for wishes in of_rules:
            group = wishes[0].rule.stacking.group
            rivals = [other for other in of_rules if other[0].rule.stacking.group == group]
            worth = [sum(self.rial(wish.purse, wish.desired) for wish in rival) for rival in rivals]
            winner = {
                "sum": wishes,
                "first": rivals[0],
                "best_for_member": rivals[worth.index(max(worth))],
                "best_for_owner": rivals[worth.index(min(worth))],
            }[modes[group]]
            left += [wish for wish in wishes if winner is wishes and wish.desired > 0]
        return left

    def granted_of(self, wish: Wish, bill: int | None) -> Grant:
        """A wish cut down to what caps, limits, budget and (for a discount) the bill leave."""
        rule, purse, amount, reason = wish.rule, wish.purse, wish.desired, GrantReason.GRANTED
        bounds: list[tuple[str, CapSpec | LimitSpec, GrantReason]] = [
            (counter_of(rule, cap), cap, GrantReason.RULE_CAP)
            for cap in rule.caps
            if cap.of in ("units", "liability")
        ]
        if bill is None and wish.party in (Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD):
            bounds += [
                (f"limit:{limit.purse}/{index}", limit, GrantReason.LIMIT)
                for index, limit in enumerate(self.document.limits)
                if self.purse_code(limit.purse) == purse
            ]
        for name, bound, why in bounds:
            fitting = self._fitting(purse, amount, self.room(name, bound), in_rial=bound.of == "liability")
            if fitting is not None:
                amount, reason = (fitting if bound.on_hit == "clip" else 0), why
        funded = amount
        budget = next((budget for budget in self.document.budgets if budget.id == rule.budget), None)
        if budget:
            fund, in_rial = f"budget:{budget.id}", budget.unit == "rial"
            spent = self.value(fund, "global", "lifetime") + self._used.get(fund, 0)
            fitting = self._fitting(purse, amount, budget.amount - spent, in_rial=in_rial)
            if fitting is not None:
                stops = budget.on_empty == "stop"
                reason = GrantReason.BUDGET if stops else GrantReason.OVER_BUDGET
                funded = amount if budget.on_empty == "notify" else fitting
                amount = fitting if stops else amount
        if bill is not None and amount > bill:
            amount, reason = bill, GrantReason.BILL
            funded = min(funded, amount)
        for name, bound, _ in bounds:
            delta = self.rial(purse, amount) if bound.of == "liability" else amount
            self.count(name, bound.per, bound.window, delta)
        if budget:
            delta = self.rial(purse, funded) if in_rial else funded
            self.count(fund, "global", "lifetime", delta, restore=rule.reversal.restore_budget)
        return self.grant_of(wish, amount, reason, self._funding(rule, amount, funded))

    def room(self, name: str, bound: CapSpec | LimitSpec) -> int:
        """What a cap or limit leaves, after this outcome's own earlier grants."""
        return bound.limit - self.value(name, bound.per, bound.window) - self._used.get(name, 0)

    def count(
        self,
        name: str,
        per: str,
        window: str | None,
        delta: int,
        *,
        is_use: bool = False,
        restore: bool = True,
    ) -> None:
        """Counts something in today's window; per transaction only for the rest of this request."""
        self._used[name] = self._used.get(name, 0) + delta
        for key in self.keys(name, per, window)[-1:]:
            move = key, restore, is_use
            self.moves[move] = self.moves.get(move, 0) + delta

    def rial(self, purse: int, amount: int) -> int:
        """What an amount is worth, rounded up; a discount (purse 0) is rial itself."""
        for spec in self.document.purses:
            if spec.code == purse:
                return ceil(Fraction(amount * spec.value.give, spec.value.per))
        return amount

    def _fitting(self, purse: int, amount: int, room: int, *, in_rial: bool) -> int | None:
        """The greatest part of an amount that there's room for; None where all of it fits, or is nothing."""
        if amount == 0 or (self.rial(purse, amount) if in_rial else amount) <= room:
            return None
        worth = next((spec.value for spec in self.document.purses if spec.code == purse), None)
        if in_rial and worth and worth.give:
            room = floor(Fraction(room * worth.per, worth.give))
        return max(room, 0)

    def _funding(self, rule: Rule, granted: int, funded: int) -> tuple[Funding, ...]:
        budget = next((budget for budget in self.document.budgets if budget.id == rule.budget), None)
        parts: list[Funding] = []
        if budget is None:
            funded = 0
        else:
            shares = [funded * funder.share // 1000 for funder in budget.funded_by]
            shares[0] += funded - sum(shares)
            for funder, share in zip(budget.funded_by, shares, strict=True):
                number = funder.number or 1
                if funder.party == "merchant":
                    number = self.facts.subject.merchant
                parts.append(Funding(Party[funder.party.upper()], number, share))
        parts.append(Funding(Party.PROGRAMME, 1, granted - funded))
        return tuple(part for part in parts if part.amount)

    def grant_of(self, wish: Wish, granted: int, reason: GrantReason, funding: tuple[Funding, ...]) -> Grant:
        """The grant with its times: earnings wait and expire only where they are kept in lots."""
        rule, effect = wish.rule, wish.effect
        available_from_s, expires_at_s = 0, NEVER_S
        if wish.party in (Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD):
            if effect.pending != "none":
                waits = effect.pending != "on_action"
                available_from_s = self.time.midnight_s(self.time.after(effect.pending)) if waits else NEVER_S
            if effect.expiry.at is not None:
                expires_at_s = self.time.moment_s(effect.expiry.at, is_end=True)
            elif effect.expiry.period is not None:
                last = self.time.after(effect.expiry.period)
                _, last = self.time.first_and_last(last, effect.expiry.end or "day")
                expires_at_s = self.time.midnight_s(last + timedelta(days=1))
        return Grant(
            rule_id=rule.rule_id,
            version=rule.version,
            effect_index=wish.effect_index,
            type=EffectType[effect.type.upper()],
            purse=wish.purse,
            party=wish.party,
            number=wish.number,
            desired=wish.desired,
            granted=granted,
            reason=reason,
            basis=wish.basis,
            lines=wish.lines,
            available_from_s=available_from_s,
            expires_at_s=expires_at_s,
            reference=effect.reference or "",
            on_return=ReturnPolicy[rule.reversal.on_return.upper()],
            allow_negative=rule.reversal.allow_negative,
            restore_budget=rule.reversal.restore_budget,
            funding=funding,
        )


def counter_of(rule: Rule, cap: CapSpec) -> str:
    """Name of the counters of a rule's cap: its place among the rule's caps."""
    index = next(index for index, own in enumerate(rule.caps) if own is cap)
    return f"{rule.rule_id}/{index}"


def give_of(effect: EffectSpec) -> int:
    """What an effect gives once, or for every `per`."""
    return effect.calc.give or 0 if effect.calc else 0


def rate_of(effect: EffectSpec) -> Fraction:
    """Units for each unit of the basis; a percent is per 100."""
    return Fraction(give_of(effect), (effect.calc.per if effect.calc else None) or 100)


def rounded(exact: Fraction, rounding: str) -> int:
    """An exact amount, never negative, as an integer."""
    if rounding == "half_up":
        return floor(exact + Fraction(1, 2))
    return ceil(exact) if rounding == "ceil" else floor(exact)
