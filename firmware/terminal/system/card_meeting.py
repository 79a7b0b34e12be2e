"""A card with the club's application, from whichever reader: whose it is, once it has proved that."""

from terminal.cards.fault import CardFault
from terminal.cards.member_card import MemberCard
from terminal.cards.presented import PresentedCard
from terminal.cards.zone_slot import ZoneSlot
from terminal.devices.misread import Misread
from terminal.transactions import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.apdu_channel import ApduChannel
    from terminal.hal.contract import Board


def slots_of(board: "Board") -> "list[ZoneSlot]":
    """The slots for the cards that this terminal takes. Raises OSError or ValueError for a damaged key."""
    key = board.key_slot("zone_key_file")
    if not key:
        return []
    zone = int(str(board.settings.get("card_zone", 1)))
    generation = int(str(board.settings.get("card_zone_generation", 1)))
    return [ZoneSlot(zone, generation, key, board.random)]


async def meet(board: "Board", channel: "ApduChannel", entry_mode: str) -> "tuple[int, object]":
    """The event that the card makes, and what goes with it: CARD, or MISREAD with the reason.

    The settings `card_zone`, `card_zone_generation` and `zone_key_file` say whose cards are taken.
    """
    try:
        slots = slots_of(board)
    except (OSError, ValueError):
        return events.MISREAD, Misread("zone_key")
    card = MemberCard(channel, slots)  # type: ignore[arg-type]  # a list of the one kind of slot
    try:
        identity = await card.read()
        await card.authenticate()
    except CardFault as fault:
        return events.MISREAD, Misread(fault.reason)
    finally:
        card.close()
    return events.CARD, PresentedCard(identity.card_number, entry_mode)
