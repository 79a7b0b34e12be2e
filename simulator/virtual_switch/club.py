"""A small club as a script that a host plays: the shop's terminals, and the wallet's members and cards."""

from collections.abc import Sequence

from simulator.scripts import Script
from simulator.scripts.loading import checked_script
from simulator.wallet import TestCard, Wallet

_OPENING_BALANCE = "opening balance"
_KEY_GENERATION = "0001"
_TOTAL_MS = 20_000

Step = dict[str, object]


def club_script(wallet: Wallet, terminals: tuple[str, ...], merchant: str) -> Script:
    """The script, spoken by a host."""
    steps: list[Step] = [{"do": "connect"}, {"do": "sign_on"}]
    for terminal in terminals:
        steps += _file("TERMINAL", {"DF28": terminal, "DF22": merchant, "DF23": "1", "DF25": _KEY_GENERATION,
                                    "DF26": "T", "DF21": "A"})  # fmt: skip
    return _script(steps + _cards(wallet.cards, 1))


def cards_script(cards: Sequence[TestCard], first_reference: int) -> Script:
    """The script that makes more cards and their members. References count from the first."""
    return _script([{"do": "connect"}, {"do": "sign_on"}, *_cards(cards, first_reference)])


def _script(steps: list[Step]) -> Script:
    title = {"en": "The wallet's club", "fa": "باشگاه کیف کارت"}
    document = {"format": 1, "as": "terminal", "title": title, "total_ms": _TOTAL_MS, "steps": steps}
    return checked_script(document, "club")


def _cards(cards: Sequence[TestCard], first_reference: int) -> list[Step]:
    known = [card for card in cards if card.is_known]
    return [step for number, card in enumerate(known, first_reference) for step in _card(card, number)]


def _card(card: TestCard, reference: int) -> list[Step]:
    record = {"DF21": card.status, "DF24": "LOYAL", "DF29": str(reference)}
    steps: list[Step] = []
    if card.member is not None:
        record["DF20"] = str(card.member)
        steps += _file("MEMBER", {"DF20": str(card.member), "DF05": card.member_name, "DF06": card.tier,
                                  "DF21": card.member_status})  # fmt: skip
    if card.expires_on is not None:
        record["DF50"] = str(card.expires_on)
    steps += _file("CARD", record, card=card.number)
    if card.points:
        fields = {"processing_code": "220091", "amount": card.points, "card_number": card.number}
        steps += _sent("0200", {"fields": fields, "tags": {"reason": _OPENING_BALANCE}})
    return steps


def _file(name: str, record: dict[str, str], *, card: str | None = None) -> list[Step]:
    fields = {"file_update_code": "1", "file_name": name} | ({"card_number": card} if card else {})
    return _sent("0300", {"fields": fields, "record": record})


def _sent(message: str, content: Step) -> list[Step]:
    """A request that must be approved."""
    return [
        {"do": "send", "message": message, **content},
        {"do": "expect", "message": message[:2] + "10", "fields": {"response_code": "00"}},
    ]
