"""Writes what the switch has stated of a member's balance onto the card in the reader.

The settings `card_limit` and `card_account` say how much may be spent without the switch, and from which
purse (its two digits in field 54). The board's slot signs the record, as docs/card-application.md has it.
"""

from terminal.cards.fault import CardFault
from terminal.cards.member_card import MemberCard
from terminal.cards.records import Balance
from terminal.constant import const
from terminal.system.card_meeting import slots_of
from terminal.transactions.outcome import stated_balance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.apdu_channel import ApduChannel
    from terminal.hal.contract import Board

_SAID_FROM = const(5)  # of a packed balance, behind version and counter


async def write_stated(board: "Board", channel: "ApduChannel", stated: "tuple[str, str, str]") -> None:
    """Write it, if it is about this card and says something new. Whatever becomes of it is only logged.

    On a card that was taken away too early the old balance or the new one is whole, and the next sale writes
    again.
    """
    number, balances, date = stated
    account = str(board.settings["card_account"])
    found = stated_balance(balances, account)
    if found is None:
        return
    amount = max(found[0], 0)
    limit = min(int(str(board.settings["card_limit"])), amount)
    outcome = "unchanged"
    card: "MemberCard | None" = None
    try:
        card = MemberCard(channel, slots_of(board))  # type: ignore[arg-type]  # a list of the one kind of slot
        identity = await card.read()
        if identity.card_number != number:
            return
        await card.authenticate()
        kept = await card.read_balance()
        wanted = Balance(0, amount, limit, date, account, found[1])
        if kept is None or kept.pack()[_SAID_FROM:] != wanted.pack()[_SAID_FROM:]:
            await card.write_balance(wanted)
            outcome = "written"
    except CardFault as fault:
        outcome = fault.reason
    except (OSError, ValueError):
        outcome = "zone_key"
    finally:
        if card:
            card.close()
    board.log("card_balance", outcome=outcome)
