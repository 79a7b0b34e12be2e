"""The slip of a transaction as the terminal composes it (`firmware/terminal/screens/receipt.py`), from the
stored reply.

What only the terminal knows is not on it: the shop's name, the card's masked number, local date and time.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from protocol.balances import unpack_balances
from protocol.dialect import (
    AVAILABLE_BALANCE,
    ResponseCode,
    Tag,
    TransactionType,
    is_debit_return,
    read_processing_code,
)
from protocol.faults import ProtocolFault
from protocol.message import Value
from switch.console.story.messages import Exchange

Language = Literal["en", "fa"]
Form = Literal["row", "centred", "big", "separator"]

LANGUAGES: Final[tuple[Language, ...]] = ("fa", "en")
LACKS: Final = ("merchant_name", "card", "local_time")

_ISOLATE_LEFT, _ISOLATE_FIRST, _ISOLATE_END = "\u2066", "\u2068", "\u2069"
_TEXTS: Final = Path(__file__).parent / "receipt_texts.json"
_OFFLINE: Final = "0220"
_SALES: Final = ("purchase", "redemption")
_KINDS: Final = {
    TransactionType.RETURN: "return",
    TransactionType.LOAD: "load",
    TransactionType.CARD_ACTIVATION: "activation",
    TransactionType.ENROLMENT: "enrolment",
    TransactionType.CARD_REPLACEMENT: "replacement",
}
_FIGURES: Final = {
    "discount": Tag.DISCOUNT_AMOUNT,
    "points_earned": Tag.POINTS_EARNED,
    "points_spent": Tag.POINTS_SPENT,
    "credit_earned": Tag.CREDIT_EARNED,
    "credit_spent": Tag.CREDIT_SPENT,
    "points_pending": Tag.POINTS_PENDING,
    "could_spend": Tag.COULD_SPEND,
    "refund_units": Tag.REFUND_UNITS,
    "refund_amount": Tag.REFUND_AMOUNT,
    "net_amount": Tag.NET_AMOUNT,
}
_BALANCES: Final = {
    "points_balance": "91",
    "credit_balance": "92",
    "wallet_balance": "94",
    "gift_balance": "96",
}
# A sale says these also where they are nothing; every slip says the balances among them.
_ALWAYS: Final = ("points_earned", "points_spent", "credit_earned", "points_balance", "credit_balance")


class Element(NamedTuple):
    """A line of a slip: a row has two texts, all else one."""

    form: Form
    text: str
    beside: str = ""


class Receipt(NamedTuple):
    """What a slip tells. Amounts are rial, points whole points; `figures` has those that were told."""

    kind: str
    is_offline: bool
    response_code: str
    amount: int
    stan: str
    rrn: str
    terminal_id: str
    name_characters: int
    tier: str
    figures: dict[str, int]
    balances: dict[str, int]
    texts: dict[Language, str]
    items: str

    @property
    def approved(self) -> bool:
        """Whether the terminal told so."""
        return self.response_code == ResponseCode.APPROVED


def receipt_of(exchange: Exchange) -> Receipt | None:
    """The slip of an exchange, None where a terminal prints none.

    Of a sale made offline it is the one that was printed then: nothing was decided yet.
    """
    request, own = exchange.request, exchange.own
    kind = _kind(_text(request.get(3)))
    if exchange.mti not in ("0200", _OFFLINE) or not kind:
        return None
    is_offline = exchange.mti == _OFFLINE
    tags = own.get(48) if not is_offline else None
    told = {tag: _text(value) for tag, value in tags.items()} if isinstance(tags, dict) else {}
    available = {} if is_offline else _available(_text(own.get(54)))
    return Receipt(
        kind=kind,
        is_offline=is_offline,
        response_code=ResponseCode.APPROVED.value if is_offline else _text(own.get(39)),
        amount=int(_text(request.get(4)) or "0"),
        stan=_text(request.get(11)),
        rrn="" if is_offline else _text(own.get(37)),
        terminal_id=_text(request.get(41)),
        name_characters=len(told.get(Tag.MEMBER_NAME, "")),
        tier=told.get(Tag.MEMBER_TIER, ""),
        figures={name: int(told[tag]) for name, tag in _FIGURES.items() if tag in told},
        balances={name: available.get(purse, 0) for name, purse in _BALANCES.items()},
        texts={"fa": told.get(Tag.MEMBER_TEXT_FA, ""), "en": told.get(Tag.MEMBER_TEXT_EN, "")},
        items=told.get(Tag.ITEMS, ""),
    )


def receipt_document(receipt: Receipt) -> dict[str, object]:
    """As JSON: the facts, and the lines in each language. Lines have form, text and the text beside it."""
    return {
        "kind": receipt.kind,
        "is_offline": receipt.is_offline,
        "figures": receipt.figures,
        "balances": receipt.balances,
        "items": receipt.items,
        "lacks": list(LACKS),
        "lines": {language: list(elements(receipt, language)) for language in LANGUAGES},
    }


def elements(receipt: Receipt, language: Language) -> Iterator[Element]:
    """The lines in a language, in their order on the paper; the member's name is hidden."""
    say = _catalogue()[language]
    if receipt.approved:
        yield Element("row", say[receipt.kind], say["approved"])
    else:
        yield Element("centred", say[receipt.kind])
        yield Element("big", say["declined"])
        yield Element("centred", say.get(f"code_{receipt.response_code}", say["code_05"]))
        yield Element("row", say["code"], _code(receipt.response_code, language))
    if receipt.amount:
        yield Element("centred", say["amount"])
        yield Element("big", _amount(receipt.amount, language))
        yield Element("separator", "")
    if receipt.is_offline:
        yield Element("centred", say["offline_slip"])
    elif receipt.approved:
        yield from _loyalty(receipt, language)
        yield Element("separator", "")
    if receipt.rrn:
        yield Element("row", say["rrn"], _code(receipt.rrn, language))
    yield Element("row", say["stan"], _code(receipt.stan, language))
    yield Element("row", say["terminal"], _code(receipt.terminal_id, language))
    if receipt.texts[language]:
        yield Element("centred", receipt.texts[language])


def _loyalty(receipt: Receipt, language: Language) -> Iterator[Element]:
    say = _catalogue()[language]
    if receipt.name_characters:
        yield Element("row", say["member"], _isolated("*" * receipt.name_characters))
    if receipt.tier:
        yield Element("row", say["tier"], say.get(f"tier_{receipt.tier}") or _isolated(receipt.tier))
    is_sale = receipt.kind in _SALES
    for name in _FIGURES:
        value = receipt.figures.get(name)
        is_told = value is not None and name == "net_amount"
        if value or is_told or (is_sale and name in _ALWAYS):
            yield Element("row", say[name], _amount(value or 0, language))
    if receipt.kind != "activation":
        for name, value in receipt.balances.items():
            if value or name in _ALWAYS:
                yield Element("row", say[name], _amount(value, language))


def _available(text: str) -> dict[str, int]:
    """Balances of field 54 by account type; none where a partner's has another form."""
    try:
        balances = unpack_balances(text)
    except ProtocolFault:
        return {}
    return {
        balance.account_type: balance.amount
        for balance in balances
        if balance.amount_type == AVAILABLE_BALANCE
    }


def _kind(processing_code: str) -> str:
    processing = read_processing_code(processing_code)
    if processing is None or is_debit_return(processing_code):
        return ""
    if processing.type is TransactionType.PURCHASE:
        return _SALES[processing.from_purse > 0]
    return _KINDS.get(processing.type, "")


def _amount(value: int, language: Language) -> str:
    """With thousands separators, in the digits of the language."""
    text = f"{abs(value):,}"
    if language == "en":
        return f"-{text}" if value < 0 else text
    text = text.replace(",", "٬")
    if value < 0:
        text = _code(f"-{text}", language)
    return text.translate(_PERSIAN_DIGITS)


def _code(text: str, language: Language) -> str:
    """An isolate keeps a code's parts in order in a right-to-left line."""
    return f"{_ISOLATE_LEFT}{text}{_ISOLATE_END}" if language == "fa" else text


def _isolated(text: str) -> str:
    return f"{_ISOLATE_FIRST}{text}{_ISOLATE_END}"


def _text(value: Value | None) -> str:
    return value if isinstance(value, str) else ""


@cache
def _catalogue() -> dict[Language, dict[str, str]]:
    found: dict[Language, dict[str, str]] = json.loads(_TEXTS.read_text("utf-8"))
    return found


_PERSIAN_DIGITS: Final = {ord("0") + digit: chr(ord("۰") + digit) for digit in range(10)}
