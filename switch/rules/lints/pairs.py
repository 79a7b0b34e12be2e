"""Lints about rules that stand in each other's way."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final

from switch.rules.caps import CapOf
from switch.rules.compiler.logic import all_of
from switch.rules.conditions import All, Operator, TextTest
from switch.rules.lints.book import Book, costs, given, stage_of
from switch.rules.lints.findings import Lint, Severity
from switch.rules.lints.possibility import can_hold_together, follows
from switch.rules.outcome import Party
from switch.rules.table import BasisOf, CalcMode, ExpiryModel, Kind, Phase, StackMode, TableRule

# So many pairs are compared; more are told of, not compared.
PAIRS_MAX: Final = 20_000
_NAMED_MAX: Final = 5
_REQUEST: Final = "burn_request"

_NeededTexts = dict[int, frozenset[str]]


def lint_pairs(book: Book) -> Iterator[Lint]:
    """Rules that never get their turn, and rules of which chance decides."""
    comparison = _Comparison(book)
    yield from comparison.unreachable()
    yield from comparison.overlaps()
    if comparison.pairs_left <= 0:
        yield Lint(
            "too_many_pairs",
            Severity.HINT,
            "",
            "قاعده‌ها بیش از آن‌اند که همه با هم سنجیده شوند",
            "there are too many rules to compare all of them with one another",
        )


class _Rivals:
    """Which rules of a list could meet: those that need different texts of one dimension can't."""

    def __init__(self, members: Sequence[TableRule], texts: Mapping[str, _NeededTexts]) -> None:
        self.members = members
        self.place = {rule.rule_id: index for index, rule in enumerate(members)}
        self.texts = texts
        needs = Counter(dimension for rule in members for dimension in texts[rule.rule_id])
        self.dimension = needs.most_common(1)[0][0] if needs else -1
        self.by_value: defaultdict[str, list[int]] = defaultdict(list)
        self.without: list[int] = []
        for index, rule in enumerate(members):
            values = texts[rule.rule_id].get(self.dimension)
            if values is None:
                self.without.append(index)
            for value in values or ():
                self.by_value[value].append(index)

    def after(self, rule: TableRule) -> Iterator[TableRule]:
        """Rules behind this one that it could meet."""
        place = self.place[rule.rule_id]
        values = self.texts[rule.rule_id].get(self.dimension)
        if values is None:
            yield from self.members[place + 1 :]
            return
        meeting = {index for value in values for index in self.by_value[value]}
        for index in sorted(meeting.union(self.without)):
            if index > place:
                yield self.members[index]


class _Comparison:
    def __init__(self, book: Book) -> None:
        self.book = book
        self.rules = book.rules
        self.by_id = {rule.rule_id: rule for rule in self.rules}
        self.place = {rule.rule_id: (stage_of(rule), index) for index, rule in enumerate(self.rules)}
        self.pairs_left = PAIRS_MAX
        self.excluded = {rule_id for rule in self.rules for rule_id in rule.excludes}
        self.first_stop: dict[int, tuple[int, int]] = {}
        for rule in self.rules:
            if rule.stop_after:
                self.first_stop.setdefault(stage_of(rule), self.place[rule.rule_id])
        self.texts = {rule.rule_id: _needed_texts(rule) for rule in self.rules}

    # Rules that never get their turn

    def unreachable(self) -> Iterator[Lint]:
        found: dict[str, Lint] = {}
        for lint in (
            *self._by_requires(),
            *self._by_excludes(),
            *self._by_stop(),
            *self._by_first(),
            *self._by_tender(),
            *self._without_base(),
        ):
            found.setdefault(lint.rule_id, lint)
        yield from (found[rule.rule_id] for rule in self.rules if rule.rule_id in found)

    def _by_requires(self) -> Iterator[Lint]:
        for rule in self.rules:
            for rule_id in rule.requires:
                other = self.by_id.get(rule_id)
                if other is None:
                    yield _unreachable(
                        rule, f"«{rule_id}» را لازم دارد که فعال نیست", f"it requires {rule_id}, not active"
                    )
                elif self.place[rule_id] > self.place[rule.rule_id]:
                    yield _unreachable(
                        rule,
                        f"«{rule_id}» را لازم دارد که پس از آن نوبت می‌گیرد",
                        f"it requires {rule_id}, whose turn comes later",
                    )
                elif not self._can_match_together(rule, other):
                    yield _unreachable(
                        rule,
                        f"«{rule_id}» را لازم دارد که هرگز با آن برقرار نیست",
                        f"it requires {rule_id}, which never holds with it",
                    )

    def _by_excludes(self) -> Iterator[Lint]:
        for rule in self.rules:
            for rule_id in rule.excludes:
                other = self.by_id.get(rule_id)
                if other is not None and self._always_before(rule, other):
                    yield _unreachable(
                        other,
                        f"«{rule.rule_id}» که همیشه پیش از آن برقرار است کنارش می‌گذارد",
                        f"{rule.rule_id}, which always holds before it, excludes it",
                    )

    def _by_stop(self) -> Iterator[Lint]:
        for rule in self.rules:
            if not rule.stop_after:
                continue
            for other in self.rules:
                if self.pairs_left <= 0:
                    return
                if stage_of(other) == stage_of(rule) and self._always_before(rule, other):
                    yield _unreachable(
                        other,
                        f"«{rule.rule_id}» که همیشه پیش از آن برقرار است ارزیابی را تمام می‌کند",
                        f"{rule.rule_id}, which always holds before it, stops the evaluation",
                    )

    def _by_first(self) -> Iterator[Lint]:
        for members in self._groups(StackMode.FIRST):
            rivals = _Rivals(members, self.texts)
            for rule in members:
                for other in rivals.after(rule):
                    if self.pairs_left <= 0:
                        return
                    if _always_gives(rule, other) and self._always_before(rule, other):
                        yield _unreachable(
                            other,
                            f"در گروهِ «نخستین»، همیشه به «{rule.rule_id}» می‌بازد",
                            f"in a group that takes the first, it always loses to {rule.rule_id}",
                        )

    def _by_tender(self) -> Iterator[Lint]:
        burns = [rule for rule in self.rules if rule.kind == Kind.BURN]
        for index, other in enumerate(burns):
            for purse in {effect.purse for effect in other.effects}:
                taken = [
                    rule
                    for rule in burns[:index]
                    if any(effect.purse == purse for effect in rule.effects)
                    and self._always_before(rule, other)
                ]
                if taken:
                    fa, en = self.book.purse_title(purse)
                    yield _unreachable(
                        other,
                        f"پرداخت با «{fa}» همیشه با «{taken[0].rule_id}» انجام می‌شود",
                        f"paying with {en} always goes by {taken[0].rule_id}",
                    )

    def _without_base(self) -> Iterator[Lint]:
        base = {
            effect.purse
            for rule in self.rules
            if rule.kind == Kind.EARN and rule.phase == Phase.BASE
            for effect in rule.effects
            if effect.to == Party.MEMBER and not effect.levels
        }
        for rule in self.rules:
            if rule.phase == Phase.MULTIPLIER and not any(effect.purse in base for effect in rule.effects):
                yield _unreachable(
                    rule,
                    "هیچ قاعدهٔ پایه‌ای این کیف را پر نمی‌کند تا چندبرابر شود",
                    "no base rule fills this purse, so that there is nothing to multiply",
                )

    # Rules of which only the id decides

    def overlaps(self) -> Iterator[Lint]:
        for members in self._groups(StackMode.FIRST):
            for _, equal in groupby(members, key=lambda rule: rule.priority):
                yield from self._overlaps_in(list(equal))

    def _overlaps_in(self, members: Sequence[TableRule]) -> Iterator[Lint]:
        rivals = _Rivals(members, self.texts)
        for rule in members:
            others = []
            for other in rivals.after(rule):
                if self.pairs_left <= 0:
                    return
                if self._can_match_together(rule, other):
                    others.append(other.rule_id)
                if len(others) == _NAMED_MAX:
                    break
            if others:
                names = ", ".join(others)
                yield Lint(
                    "overlap",
                    Severity.WARNING,
                    rule.rule_id,
                    f"در گروهِ «نخستین» هم‌زمان با {names} برقرار می‌شود؛ با اولویت برابر تنها شناسه"
                    " تعیین می‌کند",
                    f"in a group that takes the first it can hold together with {names}: at the same priority"
                    " only the id decides",
                )

    def _groups(self, mode: StackMode) -> list[list[TableRule]]:
        groups = self.book.shared.groups
        members: defaultdict[tuple[int, int], list[TableRule]] = defaultdict(list)
        for rule in self.rules:
            if groups[rule.group].mode == mode:
                members[rule.group, stage_of(rule)].append(rule)
        return list(members.values())

    # Two rules

    def _can_match_together(self, rule: TableRule, other: TableRule) -> bool:
        self.pairs_left -= 1
        if not _share_a_request(rule, other) or self._need_different_texts(rule, other):
            return False
        if self.pairs_left <= 0:
            return False
        if rule.valid_from_s >= other.valid_until_s or other.valid_from_s >= rule.valid_until_s:
            return False
        return can_hold_together((*self.book.circumstances(rule), *self.book.circumstances(other)))

    def _always_before(self, rule: TableRule, other: TableRule) -> bool:
        """Whether the rule is kept before the other wherever the other would be."""
        self.pairs_left -= 1
        if (
            self.place[rule.rule_id] >= self.place[other.rule_id]
            or rule.requires
            or costs(rule)
            or rule.blackout
            or rule.rule_id in self.excluded
            or not _covers_requests(rule, other)
            or self._need_different_texts(rule, other)
            or not (rule.valid_from_s <= other.valid_from_s and other.valid_until_s <= rule.valid_until_s)
            or self.pairs_left <= 0
        ):
            return False
        stage = stage_of(rule)
        if (
            stage != stage_of(other)
            and self.first_stop.get(stage, self.place[rule.rule_id]) < self.place[rule.rule_id]
        ):
            return False
        return follows(all_of(self.book.circumstances(rule)), self.book.circumstances(other))

    def _need_different_texts(self, rule: TableRule, other: TableRule) -> bool:
        mine, others = self.texts[rule.rule_id], self.texts[other.rule_id]
        return any(not mine[dimension] & others[dimension] for dimension in mine.keys() & others.keys())


def _needed_texts(rule: TableRule) -> _NeededTexts:
    """Which texts a rule can't do without: a quick test that spares most searches."""
    needed: _NeededTexts = {}
    parts = rule.condition.parts if isinstance(rule.condition, All) else (rule.condition,)
    for part in parts:
        if isinstance(part, TextTest) and part.operator == Operator.IN:
            values = frozenset(part.values)
            needed[part.dimension] = needed.get(part.dimension, values) & values
    return needed


def _is_reward(rule: TableRule) -> bool:
    """Whether it only holds where it is asked for by its id."""
    return rule.kind not in (Kind.BURN, Kind.GATE) and _REQUEST in rule.triggers


def _requests(rule: TableRule) -> frozenset[str]:
    if _REQUEST in rule.triggers:
        return frozenset(("purchase", _REQUEST))
    return frozenset(rule.triggers)


def _share_a_request(rule: TableRule, other: TableRule) -> bool:
    if _is_reward(rule) and _is_reward(other):
        return False
    if rule.kind == other.kind == Kind.BURN:
        return bool({effect.purse for effect in rule.effects} & {effect.purse for effect in other.effects})
    return bool(_requests(rule) & _requests(other))


def _covers_requests(rule: TableRule, other: TableRule) -> bool:
    """Whether the rule looks at every request that the other looks at; purses of tenders left aside."""
    if _is_reward(rule) or (rule.kind == Kind.BURN and other.kind != Kind.BURN):
        return False
    return rule.kind == Kind.BURN or _requests(other) <= frozenset(rule.triggers)


def _always_gives(rule: TableRule, other: TableRule) -> bool:
    """Whether the rule gives something wherever the other does."""
    if rule.basis.include or rule.basis.exclude:
        return False
    if any(cap.of in (CapOf.USES, CapOf.AMOUNT) for cap in rule.caps):
        return False
    same_basis = rule.basis.of == other.basis.of and rule.basis.metric == other.basis.metric
    for effect in given(rule):
        if effect.minimum or effect.levels or effect.expiry.model == ExpiryModel.FIXED:
            continue
        if effect.mode == CalcMode.FIXED and (same_basis or rule.basis.of == BasisOf.VISITS):
            return True
        if (
            effect.mode == CalcMode.RATE
            and same_basis
            and all(
                theirs.mode == CalcMode.RATE
                and theirs.rounding == effect.rounding
                and Fraction(theirs.give, theirs.per) <= Fraction(effect.give, effect.per)
                for theirs in given(other)
            )
        ):
            return True
    return False


def _unreachable(rule: TableRule, reason_fa: str, reason_en: str) -> Lint:
    return Lint(
        "unreachable",
        Severity.WARNING,
        rule.rule_id,
        f"این قاعده هرگز به نوبت نمی‌رسد: {reason_fa}",
        f"this rule never takes effect: {reason_en}",
    )
