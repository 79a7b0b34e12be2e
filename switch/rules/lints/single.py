"""Lints that look at one rule alone."""

from collections.abc import Iterator
from typing import Final

from switch.rules.lints.book import Book, given
from switch.rules.lints.circumstances import has_open_day
from switch.rules.lints.findings import Lint, Severity
from switch.rules.lints.possibility import can_hold_together
from switch.rules.outcome import EffectType, Party
from switch.rules.table import (
    BasisOf,
    CalcMode,
    Effect,
    ExpiryModel,
    Kind,
    PendingKind,
    PeriodUnit,
    TableRule,
)

_DAY_S: Final = 86_400
# Days that a period has at least.
_DAYS_AT_LEAST: Final = {PeriodUnit.DAY: 1, PeriodUnit.MONTH: 28, PeriodUnit.YEAR: 365}
# Events that say nothing of an amount.
_WITHOUT_AMOUNT: Final = frozenset(("enrol", "review", "referral", "visit", "survey", "birthday", "festival"))
_LIMITED_PARTIES: Final = (Party.MEMBER, Party.HOUSEHOLD)


def lint_alone(book: Book, rule: TableRule, now_s: int) -> Iterator[Lint]:
    """Everything that one rule shows by itself."""
    yield from _contradiction(book, rule)
    yield from _expired(rule, now_s)
    yield from _unbounded(book, rule)
    yield from _pending(rule, now_s)
    yield from _without_amount(rule)
    yield from _texts(rule)


def _contradiction(book: Book, rule: TableRule) -> Iterator[Lint]:
    if not can_hold_together(book.circumstances(rule)):
        yield Lint(
            "contradiction",
            Severity.ERROR,
            rule.rule_id,
            "شرط‌های این قاعده هیچ‌گاه با هم برقرار نمی‌شوند",
            "the conditions of this rule never hold together",
        )
    elif not has_open_day(rule, book.zone):
        yield Lint(
            "contradiction",
            Severity.ERROR,
            rule.rule_id,
            "روزهای تعطیل این قاعده همهٔ مدت اعتبار آن را می‌پوشاند",
            "the blackout days of this rule cover all of its validity",
        )


def _expired(rule: TableRule, now_s: int) -> Iterator[Lint]:
    if rule.valid_until_s <= now_s:
        yield Lint(
            "expired",
            Severity.WARNING,
            rule.rule_id,
            "مدت اعتبار این قاعده گذشته است",
            "the schedule of this rule has ended",
        )
    for effect in rule.effects:
        if effect.expiry.model == ExpiryModel.FIXED and effect.expiry.until_s <= now_s < rule.valid_until_s:
            yield Lint(
                "expired",
                Severity.WARNING,
                rule.rule_id,
                "تاریخ انقضای آنچه این قاعده می‌دهد گذشته است؛ دیگر چیزی نمی‌دهد",
                "what this rule gives would have expired by now; it gives nothing any more",
            )


def _unbounded(book: Book, rule: TableRule) -> Iterator[Lint]:
    if rule.kind not in (Kind.EARN, Kind.GIFT) or rule.caps or rule.budget is not None:
        return
    for effect in given(rule):
        is_limited = effect.purse in book.limited_purses and effect.to in _LIMITED_PARTIES
        if effect.purse in book.purses_of_worth and not (is_limited or effect.maximum):
            fa, en = book.purse_title(effect.purse)
            yield Lint(
                "unbounded",
                Severity.WARNING,
                rule.rule_id,
                f"«{fa}» از این قاعده هیچ سقف، بودجه یا محدودیتی ندارد",
                f"{en} from this rule have no cap, maximum, budget or limit",
            )
            return


def _pending(rule: TableRule, now_s: int) -> Iterator[Lint]:
    for effect in rule.effects:
        if effect.pending == PendingKind.AFTER and _may_expire_first(effect, now_s):
            yield Lint(
                "pending_after_expiry",
                Severity.ERROR,
                rule.rule_id,
                f"پس از {effect.pending_days} روز قابل خرج می‌شود، ولی پیش از آن منقضی می‌شود",
                f"it can be spent after {effect.pending_days} days, but expires before",
            )


def _may_expire_first(effect: Effect, now_s: int) -> bool:
    expiry = effect.expiry
    if expiry.model == ExpiryModel.ROLLING:
        return effect.pending_days >= expiry.count * _DAYS_AT_LEAST[expiry.unit]
    if expiry.model == ExpiryModel.FIXED:
        # What has expired already has a lint of its own.
        return now_s < expiry.until_s <= now_s + effect.pending_days * _DAY_S
    return False


def _without_amount(rule: TableRule) -> Iterator[Lint]:
    if rule.kind not in (Kind.EARN, Kind.GIFT) or not _WITHOUT_AMOUNT.issuperset(rule.triggers):
        return
    multiplies = any(effect.mode == CalcMode.MULTIPLIER for effect in rule.effects)
    if rule.basis.of in (BasisOf.AMOUNT, BasisOf.NET_AFTER_BURN) and not multiplies:
        yield Lint(
            "no_basis",
            Severity.WARNING,
            rule.rule_id,
            "این رویداد مبلغی ندارد، پس پایهٔ این قاعده صفر است؛ پایه را «visits» بگذارید",
            "this event has no amount, so that the basis is 0; use basis visits",
        )


def _texts(rule: TableRule) -> Iterator[Lint]:
    if rule.kind == Kind.GATE:
        is_missing = any(not (effect.text_fa and effect.text_en) for effect in rule.effects)
    else:
        is_missing = not (rule.member_text_fa and rule.member_text_en)
        # What a merchant, partner or charity gets is not told to the member.
        parties = {effect.to for effect in rule.effects if effect.type != EffectType.COST}
        is_missing = is_missing and Party.MEMBER in parties
    if is_missing:
        yield Lint(
            "missing_text",
            Severity.HINT,
            rule.rule_id,
            "متن عضو به فارسی یا انگلیسی نوشته نشده است",
            "the member's text is missing in Persian or English",
        )
