"""The hot list: cards that are refused by order."""

import asyncio
import re
from collections.abc import Mapping
from itertools import islice
from typing import Final

from switch.console.actions.controls import Controls
from switch.console.actions.plan import Change, Fact, Plan, Refused
from switch.console.story.titles import Words
from switch.journal.entries import Effect
from switch.ledger.state import State

# About half a millisecond.
SLICE_CARDS: Final = 256
_TRIES: Final = 5
_CARD_NUMBER: Final = re.compile(r"[0-9]{12,19}")
_REFERENCE: Final = re.compile(r"[0-9]{1,12}")


async def block_card(controls: Controls, arguments: Mapping[str, str]) -> Plan:
    """The card is refused until it is taken off the list, whatever the host sends meanwhile."""
    return _plan(controls, await _token(controls, arguments), blocks=True)


async def unblock_card(controls: Controls, arguments: Mapping[str, str]) -> Plan:
    """What the host wants of the card holds again."""
    return _plan(controls, await _token(controls, arguments), blocks=False)


def _plan(controls: Controls, token: bytes, *, blocks: bool) -> Plan:
    state, blocked = controls.state, controls.state.orders.blocked_cards
    if (token in blocked) == blocks:
        raise Refused(409, "this card is on the hot list" if blocks else "this card is not on the hot list")
    card = state.cards.get(token)
    known = Words("The switch knows this card", "سوئیچ این کارت را می‌شناسد")
    facts = [Fact("is_known", known, card is not None)]
    if card is not None:
        facts += [
            Fact("card_reference", Words("The club's reference", "شناسهٔ باشگاه"), card.reference),
            Fact("card_type", Words("Type", "نوع"), card.card_type),
            Fact("status", Words("Status now", "وضعیت کنونی"), card.status.name.lower()),
        ]
        if not blocks:
            wanted = Words("Status that the host wants", "وضعیتی که میزبان می‌خواهد")
            facts.append(Fact("wanted_status", wanted, blocked[token].name.lower()))
    shown = () if card is None else (("card_reference", str(card.reference)),)
    change = Change(Effect.BLOCK_CARD if blocks else Effect.UNBLOCK_CARD, token)
    return Plan(shown, tuple(facts), lambda: (token in blocked,), lambda _: change)


async def _token(controls: Controls, arguments: Mapping[str, str]) -> bytes:
    """The token of the card that is named in one of two ways. Raises Refused."""
    number, reference = arguments.get("card_number", ""), arguments.get("card_reference", "")
    if bool(number) == bool(reference):
        raise Refused(422, "name the card by card_number or by card_reference")
    if number:
        if not _CARD_NUMBER.fullmatch(number):
            raise Refused(422, "card_number is 12 to 19 digits")
        return controls.keyring.card_token(number)
    if not _REFERENCE.fullmatch(reference):
        raise Refused(422, "card_reference is 1 to 12 digits")
    token = await _of_reference(controls.state, int(reference))
    if token is None:
        raise Refused(404, "the switch knows no card of this reference")
    return token


async def _of_reference(state: State, reference: int) -> bytes | None:
    """Cards are kept by token: all are looked through, in slices beside the switch's work. Raises Refused."""
    for _ in range(_TRIES):
        tokens = iter(state.cards)
        try:
            while found := list(islice(tokens, SLICE_CARDS)):
                for token in found:
                    if state.cards[token].reference == reference:
                        return token
                await asyncio.sleep(0)
        except RuntimeError:
            continue  # a card came or went meanwhile
        return None
    raise Refused(503, "too many cards come and go; name the card by its number")
