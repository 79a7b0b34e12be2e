"""Watching the field: which card came, and that it has gone."""

import asyncio

from terminal.constant import const
from terminal.devices.contactless.fault import ContactlessFault
from terminal.devices.contactless.pn532 import Pn532
from terminal.devices.entry_mode import CONTACTLESS
from terminal.devices.misread import Misread
from terminal.loading import let_go

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.devices.card_number import CardNumber
    from terminal.devices.contactless.pn532 import Port
    from terminal.devices.contactless.target import Target

# What `notify` is told.
CARD_IN = const(1)
CARD_OUT = const(2)
TWO_CARDS = const(3)

_PAUSE_MS = const(100)
_MISSES = const(2)  # empty looks until a card is gone
_READINGS = const(3)
_FAILURES = const(3)
_TAG_MS = const(500)
_APDU_MS = const(3000)
_FIRST_PAGE = b"\x30\x00"
_OF_THE_CARD = ("gone", "radio")  # reasons that are no fault of the reader


class ContactlessCard:
    """A card in the field: a channel for APDUs while it stays there.

    Attributes:
        target: what the card says of itself.
        number: the member number of a tag; None of any other card.
        misread: why a tag gave no number.
    """

    entry_mode = CONTACTLESS

    def __init__(self, chip: Pn532, target: "Target") -> None:
        self.target = target
        self.number: "CardNumber | None" = None
        self.misread: "Misread | None" = None
        self.connected = True
        self.used = False
        self._chip = chip

    async def exchange(self, apdu: "bytes | bytearray | memoryview", timeout_ms: int = _APDU_MS) -> bytes:
        """Send a command APDU; returns the response APDU, its status word included.

        Args:
            apdu: at most 1,024 bytes.
            timeout_ms: for the card's answer; the reader sees to the card's requests for more time.

        Raises:
            ContactlessFault: after it the session is over, and the card must be taken away and shown again.
            OSError: the reader went away.
        """
        if not self.connected:
            raise ContactlessFault("gone")
        try:
            answer = await self._chip.exchange(self.target.number, apdu, timeout_ms)
        except (ContactlessFault, OSError, asyncio.CancelledError):
            # Whether the card has carried it out is not known.
            self.connected = False
            raise
        if len(answer) < 2 and self.target.is_iso_dep:
            self.connected = False
            raise ContactlessFault("answer")
        self.used = True
        return answer


class ContactlessReader:
    """Polls the field through `port` and tells `notify` what happens.

    `notify` gets CARD_IN and CARD_OUT with the ContactlessCard, and TWO_CARDS with None: then one must be
    taken away. A card is reported once, also if its session ends while it lies there. `pause_ms` lies between
    two looks at the field.
    """

    def __init__(
        self,
        port: "Port",
        notify: "Callable[[int, ContactlessCard | None], None]",
        pause_ms: int = _PAUSE_MS,
    ) -> None:
        self._chip = Pn532(port)
        self._notify = notify
        self._pause_s = pause_ms / 1000
        self._card: "ContactlessCard | None" = None
        self._crowded = False
        self._misses = 0

    async def run(self) -> None:
        """Watch until the reader fails; the card in the field is then reported gone.

        Raises:
            ContactlessFault: the reader does not answer, or not like a PN532.
            OSError: its stream broke or ended.
        """
        failures = 0
        try:
            await self._chip.start()
            while True:
                try:
                    await self._look()
                    failures = 0
                except ContactlessFault as fault:
                    if fault.reason not in _OF_THE_CARD:
                        failures += 1
                        if failures == _FAILURES:
                            raise
                await asyncio.sleep(self._pause_s)
        finally:
            self._gone()

    async def _look(self) -> None:
        card = self._card
        if card and card.connected and await self._still_there(card):
            self._misses = 0
            return
        targets = await self._chip.list_targets()
        if len(targets) == 1:
            self._misses = 0
            self._crowded = False
            if not card or card.target.uid != targets[0].uid:
                self._gone()
                await self._come(targets[0])
        elif targets:
            self._misses = 0
            await self._chip.release()
            if not self._crowded:
                self._crowded = True
                self._gone()
                self._notify(TWO_CARDS, None)
        else:
            self._misses += 1
            if self._misses == _MISSES:
                self._crowded = False
                self._gone()

    async def _still_there(self, card: ContactlessCard) -> bool:
        if card.used:
            card.used = False
            return True
        there = False
        if card.target.is_iso_dep:
            there = await self._chip.is_there()
        elif card.target.is_type2:
            try:
                await self._chip.exchange(card.target.number, _FIRST_PAGE, _TAG_MS)
                there = True
            except ContactlessFault as fault:
                if fault.reason not in _OF_THE_CARD:
                    raise
        else:
            return False  # found again by looking, which harms no session
        if not there:
            card.connected = False
        return there

    async def _come(self, target: "Target") -> None:
        card = ContactlessCard(self._chip, target)
        if target.is_type2 and not await self._read_tag(card):
            return  # it left; if it comes again it is read again
        self._card = card
        self._notify(CARD_IN, card)

    async def _read_tag(self, card: ContactlessCard) -> bool:
        """Read the member number; False if the tag left meanwhile."""
        from terminal.devices.contactless.ndef import member_card  # noqa: PLC0415  (other cards need none of it)
        from terminal.devices.contactless.type2 import Type2Reading  # noqa: PLC0415

        let_go("devices.contactless.ndef devices.contactless.type2")
        for _ in range(_READINGS):
            reading = Type2Reading()
            try:
                command = reading.command()
                while command:
                    reading.take(await self._chip.exchange(card.target.number, command, _TAG_MS))
                    command = reading.command()
                if reading.message is not None:
                    card.number = member_card(reading.message, CONTACTLESS)
                return True
            except Misread as misread:
                card.misread = misread
                return True
            except ContactlessFault as fault:
                if fault.reason not in _OF_THE_CARD:
                    raise
            # After a failure a tag answers only when it is selected again.
            targets = await self._chip.list_targets()
            if len(targets) != 1 or targets[0].uid != card.target.uid:
                return False
        card.misread = Misread("radio")
        return True

    def _gone(self) -> None:
        card = self._card
        if card:
            card.connected = False
            self._card = None
            self._notify(CARD_OUT, card)
