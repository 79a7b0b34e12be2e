"""Cards with the club's application, and a terminal's slot and reader for them."""

import asyncio
from collections.abc import Callable

import pytest
from terminal.cards.fault import CardFault
from terminal.cards.member_card import MemberCard
from terminal.cards.records import Balance
from terminal.cards.zone_slot import ZoneSlot
from terminal.devices.apdu_channel import ChannelFault
from terminal.messages.cmac import CmacKey

from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.memory import CardMemory, PowerLost
from tests.simulator.virtual_card.issued_card import ZONE_KEY, powered, source


class KeySlot:
    """A key slot of a board, in software."""

    def __init__(self, key: bytes) -> None:
        self._key = CmacKey(key)

    def mac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        return bytes(self._key.cmac8(buffer, length))

    def derive(self, fixed_input: bytes) -> CmacKey:
        text = b"\x00\x00\x00\x01" + fixed_input
        return CmacKey(self._key.cmac(text, len(text)))


def slot(zone_key: bytes = ZONE_KEY, seed: int = 9, zone: int = 7, generation: int = 2) -> ZoneSlot:
    random_bytes = source(seed)
    return ZoneSlot(zone, generation, KeySlot(zone_key), lambda limit: random_bytes(1)[0] % limit)


class Direct:
    """A card without any line: what a contactless reader is to the terminal."""

    def __init__(self, card: CardApplication, spoil: Callable[[bytes], bytes] | None = None) -> None:
        self._card = card
        self._spoil = spoil
        self.heard: list[tuple[bytes, bytes]] = []

    async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
        try:
            answer = self._card.exchange(bytes(apdu))
        except PowerLost:
            raise ChannelFault("gone") from None
        self.heard.append((bytes(apdu), answer))
        return self._spoil(answer) if self._spoil else answer


def terminal_card(memory: CardMemory, seed: int = 3) -> MemberCard:
    return MemberCard(Direct(powered(memory, seed)), [slot()])


async def spend(card: MemberCard, amount: int) -> Balance:
    await card.read()
    await card.authenticate()
    balance = await card.read_balance()
    assert balance is not None
    balance.balance -= amount
    balance.limit -= amount
    await card.write_balance(balance)
    return balance


def reason(awaited: "asyncio.Future[object] | object") -> str:
    with pytest.raises(CardFault) as fault:
        asyncio.run(awaited)  # type: ignore[arg-type]
    return str(fault.value.reason)
