"""A transaction's receipt again, line by line as the terminal prints it (firmware: screens/receipt.py).

What the journal does not keep is not on it: tickets and vouchers won, and a rule's words for a refusal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from host_api.core.errors import Language, Problem
from host_api.core.jalali import Calendar, format_date
from host_api.core.persian_text import persian_digits
from host_api.core.tehran_time import TEHRAN
from host_api.services.traces.receipt_words import WORDS, reason_of
from host_api.services.transactions.operation import SALES, Operation
from host_api.services.transactions.schemas import TransactionRead

_LEFT_TO_RIGHT, _FIRST_STRONG, _END = "\u2066", "\u2068", "\u2069"
_CONTROLS: Final = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)))
_KINDS: Final = {
    Operation.PURCHASE: "purchase",
    Operation.POINTS_REDEMPTION: "redemption",
    Operation.CREDIT_REDEMPTION: "redemption",
    Operation.REDEMPTION: "redemption",
    Operation.AUTHORISATION: "redemption",
    Operation.RETURN: "return",
    Operation.LOAD: "load",
    Operation.CARD_ACTIVATION: "activation",
    Operation.ENROLMENT: "enrolment",
    Operation.CARD_REPLACEMENT: "replacement",
}
_TIERS: Final = ("initial", "silver", "gold", "platinum")
_POINTS, _CREDIT = "points", "credit"
_OTHER_BALANCES: Final = (("wallet_balance", "wallet"), ("gift_balance", "gift"))


class LineStyle(StrEnum):
    """How a line stands on the paper; ROW has a label and a value, SEPARATOR nothing."""

    ROW = "row"
    CENTRED = "centred"
    BIG = "big"
    SEPARATOR = "separator"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line; `value` is empty but in a row. Isolates (UAX #9) keep codes together in Persian."""

    style: LineStyle
    text: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Persons:
    """What a receipt says beside the transaction."""

    merchant: str
    masked_card: str
    member_name: str = ""
    tier: str = ""
    text_en: str = ""
    text_fa: str = ""


@dataclass(frozen=True, slots=True)
class _Figures:
    discount: int
    points_earned: int
    points_spent: int
    credit_earned: int
    credit_spent: int
    refund_units: int
    refund_amount: int
    net_amount: int | None


class NothingPrinted(Problem):
    """Terminals print no receipt of such a transaction."""

    status = 404
    code = "receipt-not-printed"
    title = "No receipt"
    title_fa = "رسیدی ندارد"
    detail = "Terminals print no receipt of such a transaction: it is the club's own act, or a reversal."
    detail_fa = "برای چنین تراکنشی رسید چاپ نمی‌شود: کار خود باشگاه یا برگشت است."


def receipt_lines(transaction: TransactionRead, persons: Persons, language: Language) -> list[ReceiptLine]:
    """The copy of the receipt in one language.

    Raises:
        NothingPrinted
    """
    kind = _KINDS.get(transaction.operation)
    if kind is None:
        raise NothingPrinted
    return list(_lines(transaction, persons, language, kind))


def plain_text(lines: list[ReceiptLine], language: Language) -> str:
    """The lines as text, each under its direction: a mark at its beginning where that is from the right."""
    mark = "\u200f" if language == "fa" else ""
    return "\n".join(mark + _plain(line) for line in lines)


def _plain(line: ReceiptLine) -> str:
    match line.style:
        case LineStyle.ROW:
            return f"{line.text}: {line.value}"
        case LineStyle.SEPARATOR:
            return "-" * 32
        case _:
            return line.text


def _lines(
    transaction: TransactionRead, persons: Persons, language: Language, kind: str
) -> Iterator[ReceiptLine]:
    words = WORDS[language]
    if persons.merchant:
        yield ReceiptLine(LineStyle.BIG, persons.merchant)
    yield ReceiptLine(LineStyle.BIG, f"* {words['copy']} *")
    if transaction.approved:
        yield ReceiptLine(LineStyle.ROW, words[kind], words["approved"])
    else:
        yield ReceiptLine(LineStyle.CENTRED, words[kind])
        yield ReceiptLine(LineStyle.BIG, words["declined"])
        yield ReceiptLine(LineStyle.CENTRED, reason_of(language, transaction.response_code))
        yield ReceiptLine(LineStyle.ROW, words["code"], _code(transaction.response_code, language))
    if transaction.amount:
        yield ReceiptLine(LineStyle.CENTRED, words["amount"])
        yield ReceiptLine(LineStyle.BIG, _amount(transaction.amount, language))
        yield ReceiptLine(LineStyle.SEPARATOR)
    if transaction.approved:
        yield from _loyalty(transaction, persons, language, kind)
        yield ReceiptLine(LineStyle.SEPARATOR)
    local = transaction.at.astimezone(TEHRAN)
    yield ReceiptLine(LineStyle.ROW, words["card"], _code(persons.masked_card, language))
    yield ReceiptLine(LineStyle.ROW, words["rrn"], _code(transaction.rrn, language))
    yield ReceiptLine(LineStyle.ROW, words["stan"], _code(transaction.stan, language))
    yield ReceiptLine(LineStyle.ROW, words["terminal"], _code(transaction.terminal_id, language))
    yield ReceiptLine(LineStyle.ROW, _day(local, language), _time(local, language))
    text = _clean(persons.text_fa if language == "fa" else persons.text_en)
    if text and transaction.approved:
        yield ReceiptLine(LineStyle.CENTRED, text)


def _loyalty(
    transaction: TransactionRead, persons: Persons, language: Language, kind: str
) -> Iterator[ReceiptLine]:
    words = WORDS[language]
    if persons.member_name:
        yield ReceiptLine(LineStyle.ROW, words["member"], _foreign(persons.member_name))
    if persons.tier:
        known = persons.tier in _TIERS
        tier = words[f"tier_{persons.tier}"] if known else _foreign(persons.tier)
        yield ReceiptLine(LineStyle.ROW, words["tier"], tier)
    figures = _figures(transaction)
    is_sale = kind in {"purchase", "redemption"}
    for name, value, always in (
        ("discount", figures.discount, False),
        ("points_earned", figures.points_earned, is_sale),
        ("points_spent", figures.points_spent, is_sale),
        ("credit_earned", figures.credit_earned, is_sale),
        ("credit_spent", figures.credit_spent, False),
        ("refund_units", figures.refund_units, False),
        ("refund_amount", figures.refund_amount, False),
        ("net_amount", figures.net_amount, figures.net_amount is not None),
    ):
        if value or always:
            yield ReceiptLine(LineStyle.ROW, words[name], _amount(value or 0, language))
    if kind != "activation":
        balances = transaction.balances_after
        for name, purse in (("points_balance", _POINTS), ("credit_balance", _CREDIT), *_OTHER_BALANCES):
            value = balances.get(purse, 0)
            if value or purse in {_POINTS, _CREDIT}:
                yield ReceiptLine(LineStyle.ROW, words[name], _amount(value, language))


def _figures(transaction: TransactionRead) -> _Figures:
    """What the reply's tags said, from the transfers and amounts of the decision."""

    def moved(purse: str, *reasons: str) -> int:
        return sum(
            each.amount for each in transaction.transfers if each.purse == purse and each.reason in reasons
        )

    is_sale = transaction.operation in SALES or transaction.operation is Operation.AUTHORISATION
    is_return = transaction.operation is Operation.RETURN
    differs = is_sale and transaction.net_amount != transaction.amount
    return _Figures(
        discount=transaction.discount if is_sale else 0,
        points_earned=moved(_POINTS, "earn"),
        points_spent=moved(_POINTS, "spend", "cost"),
        credit_earned=moved(_CREDIT, "earn"),
        credit_spent=moved(_CREDIT, "spend", "cost"),
        refund_units=sum(
            each.amount
            for each in transaction.transfers
            if is_return and each.reason == "return" and each.credit.partition(":")[0] in _HAVE_LOTS
        ),
        refund_amount=transaction.net_amount if is_return else 0,
        net_amount=transaction.net_amount if differs else None,
    )


_HAVE_LOTS: Final = ("member", "household", "gift_card")


def _amount(value: int, language: Language) -> str:
    text = f"{abs(value):,}"
    if value < 0:
        # Left to itself the sign would move to the other side in a right-to-left line.
        text = _code(f"-{text}", language)
    return persian_digits(text).replace(",", "٬") if language == "fa" else text


def _code(text: str, language: Language) -> str:
    return f"{_LEFT_TO_RIGHT}{text}{_END}" if language == "fa" else text


def _foreign(text: str) -> str:
    return f"{_FIRST_STRONG}{_clean(text)}{_END}"


def _clean(text: str) -> str:
    return text.translate(_CONTROLS)


def _day(local: datetime, language: Language) -> str:
    if language == "fa":
        return _code(format_date(local.date(), Calendar.JALALI, language), language)
    return f"{local:%Y-%m-%d}"


def _time(local: datetime, language: Language) -> str:
    text = f"{local:%H:%M:%S}"
    return _code(persian_digits(text), "fa") if language == "fa" else text
