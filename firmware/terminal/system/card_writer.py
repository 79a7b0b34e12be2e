"""Has what the switch stated of a card, until the reader that holds the card has written it there."""

import asyncio

from terminal.constant import const
from terminal.loading import MEETING_MODULES, let_go

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.apdu_channel import ApduChannel
    from terminal.hal.contract import Board

_LOOK_MS = const(20)
_LIMIT_MS = const(1500)


class CardWriter:
    """One for all readers. The card of the club that came last is held by its channel, until it goes."""

    def __init__(self, board: "Board") -> None:
        self._board = board
        self._held = ""
        self._holder: "ApduChannel | None" = None
        self._stated: "tuple[str, str, str] | None" = None

    def hold(self, channel: "ApduChannel", card: object) -> None:
        """A channel has this card now, or a misread one: nothing of a meeting before is written any more."""
        self._held = str(getattr(card, "number", ""))
        self._holder = channel
        self._stated = None

    def release(self, channel: "ApduChannel") -> None:
        """Its card has gone."""
        if self._holder is channel:
            self._holder = self._stated = None
            self._held = ""

    def state(self, number: str, balances: str, date: str) -> None:
        """Take down what the switch states (field 54, and the day as YYYYMMDD), if a reader has that card."""
        if number == self._held:
            self._stated = (number, balances, date)

    async def write(self, channel: "ApduChannel") -> None:
        """Write what was stated onto the card, if it is this channel's."""
        if self._stated is None or self._holder is not channel:
            return
        from terminal.system.card_balance import write_stated  # noqa: PLC0415  (seldom needed)

        await write_stated(self._board, channel, self._stated)
        del write_stated
        self._stated = None
        let_go("system.card_balance " + MEETING_MODULES)

    async def written(self) -> None:
        """Wait until what was stated is on the card, or it had its time: paper can wait, cards leave."""
        for _ in range(_LIMIT_MS // _LOOK_MS):
            if self._stated is None:
                return
            await asyncio.sleep_ms(_LOOK_MS)
