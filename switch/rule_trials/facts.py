"""From a written sale to what the rules look at."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from hashlib import blake2b

from switch.rule_trials.sale import Sale
from switch.rules.facts import Facts, Line, NumberDimension, Subject, TextDimension
from switch.rules.table import RuleTable

# An account's owner has 48 bits in the ledger.
_NUMBER_BYTES = 6
_NAMES_TOLD = 12
CONVERSION = "conversion"


class NameFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A sale names a purse, segment, agreement, tier or reward that the rules don't have."""


def number_of(text: str) -> int:
    """The number that stands for a merchant, branch, terminal or operator in counters; 0 for none."""
    return int.from_bytes(blake2b(text.encode(), digest_size=_NUMBER_BYTES).digest()) if text else 0


def check_names(sale: Sale, tables: Sequence[RuleTable]) -> None:
    """Raises NameFault for a name that none of the tables declares: most likely a slip of the pen."""
    programmes = [table.programme for table in tables]
    purses = {purse.name for programme in programmes for purse in programme.purses}
    segments = {name for programme in programmes for name, _ in programme.segments}
    agreements = {name for programme in programmes for name, _ in programme.agreements}
    _known("purse", [*sale.balances, *([sale.pay.purse] if sale.pay else [])], purses)
    _known("segment", sale.segments, segments)
    _known("agreement", sale.agreements, agreements)
    if sale.reward and sale.trigger == CONVERSION:
        _known("purse", [sale.reward], purses)
    elif sale.reward:
        _known("rule", [sale.reward], {rule.rule_id for table in tables for rule in table.rules})
    tiers = {tier.name for programme in programmes for tier in programme.tiers}
    if tiers and sale.tier:
        _known("tier", [sale.tier], tiers)


def facts_of(
    table: RuleTable,
    sale: Sale,
    at_s: int,
    *,
    balances: Mapping[int, int],
    tier: str,
    days_since_last: int | None,
) -> Facts:
    """What the rules see of a sale. Names that the table doesn't declare are left out: see `check_names`."""
    codes = {purse.name: purse.code for purse in table.programme.purses}
    merchant = sale.merchant or sale.branch.partition("/")[0]
    numbers: list[int | None] = [None] * len(NumberDimension)
    numbers[NumberDimension.AMOUNT] = sale.amount
    numbers[NumberDimension.DAYS_SINCE_LAST] = days_since_last
    numbers[NumberDimension.ENROLLED_DAYS] = sale.enrolled_days
    numbers[NumberDimension.BIRTHDAY_DISTANCE] = sale.birthday_distance
    numbers[NumberDimension.REFERRAL_DEPTH] = sale.referral_depth
    pay = sale.pay if sale.pay and sale.pay.purse in codes else None
    return Facts(
        trigger=sale.trigger,
        at_s=at_s,
        texts=_texts(sale, merchant, tier),
        numbers=tuple(numbers),
        sets=(
            _bits(sale.segments, dict(table.programme.segments)),
            _bits(sale.agreements, dict(table.programme.agreements)),
        ),
        balances=balances,
        metrics=sale.metrics,
        lines=tuple(
            Line(line.sku, line.category, line.labels, line.quantity, line.amount) for line in sale.lines
        ),
        subject=Subject(
            member=sale.member,
            card=sale.card or sale.member,
            household=sale.household,
            merchant=number_of(merchant),
            branch=number_of(sale.branch),
            terminal=number_of(sale.terminal),
            operator=number_of(sale.operator),
        ),
        uplines=sale.uplines,
        has_pin=sale.pin,
        reward=str(codes.get(sale.reward, "")) if sale.trigger == CONVERSION else sale.reward,
        tender_purse=codes[pay.purse] if pay else 0,
        tender_amount=pay.amount if pay else None,
        tender_units=pay.units if pay else None,
    )


def _texts(sale: Sale, merchant: str, tier: str) -> tuple[str, ...]:
    texts = {
        TextDimension.CHANNEL: sale.channel,
        TextDimension.MERCHANT: merchant,
        TextDimension.BRANCH: sale.branch,
        TextDimension.TERMINAL: sale.terminal,
        TextDimension.GUILD: sale.guild,
        TextDimension.SECTOR: sale.sector,
        TextDimension.CITY: sale.city,
        TextDimension.OPERATOR: sale.operator,
        TextDimension.CARD_TYPE: sale.card_type,
        TextDimension.MEMBER_STATUS: sale.status,
        TextDimension.TIER: tier,
        TextDimension.GROUP: sale.group,
        TextDimension.ORGANISATION: sale.organisation,
        TextDimension.CLUB_LEVEL: sale.club_level,
        TextDimension.ENROL_CHANNEL: sale.enrol_channel,
        TextDimension.RISK_CLASS: sale.risk_class,
        TextDimension.ENTRY_MODE: sale.entry_mode,
        TextDimension.CODE: sale.code,
        TextDimension.EVENT: sale.event or sale.named_event,
    }
    return tuple(texts[dimension] for dimension in TextDimension)


def _bits(names: Iterable[str], bit_of: Mapping[str, int]) -> int:
    return sum(1 << bit_of[name] for name in set(names) if name in bit_of)


def _known(what: str, names: Iterable[str], declared: Collection[str]) -> None:
    for name in names:
        if name not in declared:
            known = get_close_matches(name, declared, _NAMES_TOLD, 0) if declared else ["none"]
            more = f" and {len(declared) - _NAMES_TOLD} more" if len(declared) > _NAMES_TOLD else ""
            raise NameFault(f"no {what} {name!r}; the rules declare {', '.join(known)}{more}")
