"""The readers of a terminal on the screen, and the one card that is at them."""

import asyncio
import os
from contextlib import AsyncExitStack
from types import TracebackType

from simulator.screen.cards import PageCard, Way
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.chip import VirtualChip
from simulator.virtual_card.slot import ChipSlot
from simulator.virtual_contactless import (
    ContactlessServer,
    IsoDepCard,
    ScannerServer,
    Type2Tag,
    VirtualPn532,
    uri_message,
)
from simulator.virtual_contactless.cards import FieldCard
from simulator.virtual_scanner import Symbology, scanned

_SCANNER_PATIENCE_S = 2.0


class ReaderBench:
    """Chip slot, contactless reader and scanner on sockets; entering gives their ports by name.

    A tapped or scanned card is there until the hand goes back (`take_away`), as it would be at a counter.
    """

    def __init__(self, zone_key: bytes) -> None:
        self._zone_key = zone_key
        self._slot = ChipSlot()
        self._field = VirtualPn532()
        self._contactless = ContactlessServer(self._field)
        self._scanner = ScannerServer()
        self._stack = AsyncExitStack()
        self._card: PageCard | None = None
        self._way: Way | None = None

    async def __aenter__(self) -> dict[str, int]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._contactless)
            await stack.enter_async_context(self._scanner)
            chip = await self._slot.start()
            stack.push_async_callback(self._slot.stop)
            self._stack = stack.pop_all()
        return {"contactless": self._contactless.port, "scanner": self._scanner.port, "chip": chip}

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def occupied(self) -> bool:
        """Whether a card is in the slot or in the field."""
        return self._card is not None

    @property
    def card_name(self) -> str | None:
        """Which card is there."""
        return self._card.name if self._card else None

    @property
    def way(self) -> str | None:
        """How it came."""
        return self._way.value if self._way else None

    @property
    def is_swiped(self) -> bool:
        """Whether the card that is there holds the slot's switch closed."""
        return self._way is Way.SWIPE

    def hold(self, card: PageCard) -> None:
        """A card whose stripe was read stays in the slot."""
        self._card, self._way = card, Way.SWIPE

    async def present(self, card: PageCard, way: Way) -> None:
        """Bring a card to the reader of its way; a code is shown to the scanner and gone."""
        if way is Way.SCAN:
            await self._scan(card)
            return
        if way is Way.INSERT:
            self._slot.insert(VirtualChip(self._application(card)))
        else:
            self._field.field.put(self._contactless_card(card))
        self._card, self._way = card, way

    def take_away(self) -> None:
        """Slot and field are empty."""
        self._slot.remove()
        self._field.field.take_away()
        self._card = self._way = None

    def forget(self) -> None:
        """Let go of what the reader's chip remembers of its commands."""
        self._field.chip.commands.clear()

    async def _scan(self, card: PageCard) -> None:
        try:
            await asyncio.wait_for(self._scanner.plugged.wait(), _SCANNER_PATIENCE_S)
            await self._scanner.scan(scanned("vafa:" + card.number, Symbology.QR))
        except (TimeoutError, ConnectionError):
            return  # the terminal is off: nobody looks at the code

    def _contactless_card(self, card: PageCard) -> FieldCard:
        if Way.INSERT not in card.ways:
            return Type2Tag.with_message(uri_message("vafa:" + card.number))
        application = self._application(card)
        return IsoDepCard(application.exchange, selected=application.power_on)

    def _application(self, card: PageCard) -> CardApplication:
        return CardApplication(card.chip(self._zone_key), os.urandom)
