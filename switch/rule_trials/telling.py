"""Grants in words, one line each, in English or Persian; the English lines stand in expectations."""

from typing import Literal, NamedTuple

from switch.rules.facts import Facts
from switch.rules.local_time import clock_of
from switch.rules.outcome import NEVER_S, EffectType, Grant, GrantReason, Party
from switch.rules.schema.values import WEEKDAYS
from switch.rules.table import Calendar, RuleTable

Language = Literal["en", "fa"]
_HOLDERS = (Party.MEMBER, Party.HOUSEHOLD, Party.GIFT_CARD)
_TAKING = (EffectType.COST, EffectType.TENDER)


class _Words(NamedTuple):
    """What lines are made of."""

    rial: str
    of: str
    to: str
    funded_by: str
    and_: str
    from_: str
    until: str
    on_action: str
    reasons: dict[GrantReason, str]
    parties: dict[Party, str]


_WORDS: dict[Language, _Words] = {
    "en": _Words(
        rial="rial",
        of="of",
        to="to",
        funded_by=", funded by",
        and_="and",
        from_=", from",
        until=", until",
        on_action=", waits for an action",
        reasons={
            GrantReason.RULE_CAP: "cap of the rule",
            GrantReason.LIMIT: "limit of the purse",
            GrantReason.BUDGET: "budget",
            GrantReason.BELOW_MINIMUM: "below the minimum",
            GrantReason.OVER_BUDGET: "over the budget",
            GrantReason.BILL: "the bill is paid",
        },
        parties={
            Party.PROGRAMME: "programme",
            Party.MEMBER: "member",
            Party.MERCHANT: "merchant",
            Party.PARTNER: "partner",
            Party.CHARITY: "charity",
            Party.GIFT_CARD: "gift card",
            Party.HOUSEHOLD: "household",
        },
    ),
    "fa": _Words(
        rial="ریال",
        of="از",
        to="به",
        funded_by="، با هزینه",
        and_="و",
        from_="، از",
        until="، تا",
        on_action="، در انتظار فعال‌سازی",
        reasons={
            GrantReason.RULE_CAP: "سقف قاعده",
            GrantReason.LIMIT: "سقف کیف",
            GrantReason.BUDGET: "بودجه",
            GrantReason.BELOW_MINIMUM: "کمتر از کمینه",
            GrantReason.OVER_BUDGET: "بیش از بودجه",
            GrantReason.BILL: "مبلغ خرید",
        },
        parties={
            Party.PROGRAMME: "برنامه",
            Party.MEMBER: "عضو",
            Party.MERCHANT: "پذیرنده",
            Party.PARTNER: "شریک",
            Party.CHARITY: "نیکوکاری",
            Party.GIFT_CARD: "کارت هدیه",
            Party.HOUSEHOLD: "خانواده",
        },
    ),
}


def grant_line(table: RuleTable, facts: Facts, grant: Grant, language: Language = "en") -> str:
    """One grant: rule, amount and unit, what cut it short, to whom, from when and until when, who funds it.

    Dates are the local day on which it becomes spendable, and its last day, in the programme's calendar.
    """
    words = _WORDS[language]
    desired = f" {words.of} {grant.desired}" if grant.desired != grant.granted else ""
    parts = [f"{grant.rule_id}: {grant.granted}{desired} {_unit(table, grant, language)}"]
    if grant.reference:
        parts.append(f" {grant.reference}")
    if grant.reason != GrantReason.GRANTED:
        parts.append(f" ({words.reasons[grant.reason]})")
    if grant.party == Party.MERCHANT:
        parts.append(f" {words.to} {'the ' if language == 'en' else ''}{words.parties[grant.party]}")
    elif grant.party != Party.MEMBER or grant.number != facts.subject.member:
        parts.append(f" {words.to} {words.parties[grant.party]} {grant.number}")
    if grant.party in _HOLDERS and grant.type not in _TAKING:
        parts += _times(table, grant, words)
    if any(part.party != Party.PROGRAMME for part in grant.funding):
        shares = f" {words.and_} ".join(
            f"{words.parties[part.party]} {part.amount}" for part in grant.funding
        )
        parts.append(f"{words.funded_by} {shares}")
    return "".join(parts)


def day_of(table: RuleTable, at_s: int) -> str:
    """The local day of a time, in the calendar of the programme."""
    day = clock_of(table.programme.time_zone).at(at_s).day
    return _written(day.jalali_date if table.programme.calendar == Calendar.JALALI else day.date)


def moment_text(table: RuleTable, at_s: int) -> str:
    """Local date and time, with the date of the other calendar and the weekday."""
    local = clock_of(table.programme.time_zone).at(at_s)
    clock = f"{local.minute // 60:02}:{local.minute % 60:02}"
    weekday = WEEKDAYS[local.day.weekday - 1]
    return f"{_written(local.day.date)} {clock} ({_written(local.day.jalali_date)} {weekday})"


def _unit(table: RuleTable, grant: Grant, language: Language) -> str:
    if grant.type == EffectType.DISCOUNT:
        return _WORDS[language].rial
    purse = table.purses[grant.purse]
    return purse.name if language == "en" else purse.title_fa


def _written(date: int) -> str:
    return f"{date // 10_000:04}-{date // 100 % 100:02}-{date % 100:02}"


def _times(table: RuleTable, grant: Grant, words: _Words) -> list[str]:
    found: list[str] = []
    if grant.available_from_s == NEVER_S:
        found.append(words.on_action)
    elif grant.available_from_s:
        found.append(f"{words.from_} {day_of(table, grant.available_from_s)}")
    if 0 < grant.expires_at_s < NEVER_S:
        found.append(f"{words.until} {day_of(table, grant.expires_at_s - 1)}")
    return found
