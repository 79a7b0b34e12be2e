"""The commands of an NXP PN532 that a card terminal needs: UM0701-02, clause 7."""

import asyncio

from terminal.constant import const
from terminal.devices.contactless.dialogue import DONE, FAILED, SEND_COMMAND, SEND_NACK, Dialogue
from terminal.devices.contactless.fault import ContactlessFault
from terminal.devices.contactless.frames import ACK_FRAME, BODY_AT, FRAME_LIMIT, NACK_FRAME, seal
from terminal.devices.contactless.target import read_targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from terminal.devices.contactless.target import Target

    class Port(Protocol):
        """`SerialPort` or `SpiPort`."""

        @property
        def unfinished(self) -> bool: ...
        async def wake(self) -> None: ...
        async def send(self, frame: bytes | memoryview) -> None: ...
        async def receive(self, timeout_ms: int) -> "tuple[int, bytes] | None": ...
        def reset(self) -> None: ...
        async def settle(self) -> None: ...


_DIAGNOSE = const(0x00)
_GET_FIRMWARE_VERSION = const(0x02)
_SAM_CONFIGURATION = const(0x14)
_RF_CONFIGURATION = const(0x32)
_IN_DATA_EXCHANGE = const(0x40)
_IN_LIST_PASSIVE_TARGET = const(0x4A)
_IN_RELEASE = const(0x52)

_NORMAL_MODE = b"\x01\x00\x01"
# A card that lies there in a selected state answers only a second request, so one try is too few.
_ACTIVATION_RETRIES = b"\x05\xff\x01\x02"
_EXCHANGE_RETRIES = b"\x04\x02"
_TWO_TYPE_A = b"\x02\x00"
_CARD_THERE = b"\x06"
_ALL = b"\x00"

_IC = const(0x32)
_PART = const(262)  # of what one InDataExchange carries
_MORE = const(0x40)
_ERROR_CODE = const(0x3F)
_CARD_LEFT = (0x01, 0x25, 0x27, 0x29, 0x2B)

_ACK_MS = const(100)  # the chip takes 15, a socket in its stead a little more
_ANSWER_MS = const(500)
_WAKE_TRIES = const(3)
APDU_LIMIT = const(1024)


class Pn532:
    """The chip behind `port`. Commands of several tasks wait for each other.

    Every command raises ContactlessFault (silent, refused, answer) and, where the port is a stream, OSError.
    """

    def __init__(self, port: "Port") -> None:
        self._port = port
        self._buffer = bytearray(FRAME_LIMIT)
        self._turn = asyncio.Lock()

    async def start(self) -> "tuple[int, int]":
        """Wake the chip and set it up as a reader; returns its firmware's version and revision."""
        for tries_left in range(_WAKE_TRIES - 1, -1, -1):
            await self._port.wake()
            try:
                await self._command(_SAM_CONFIGURATION, _NORMAL_MODE)
                break
            except ContactlessFault:
                if not tries_left:
                    raise
        version = await self._command(_GET_FIRMWARE_VERSION)
        if len(version) != 5 or version[1] != _IC:
            raise ContactlessFault("answer")
        await self._command(_RF_CONFIGURATION, _ACTIVATION_RETRIES)
        await self._command(_RF_CONFIGURATION, _EXCHANGE_RETRIES)
        return version[2], version[3]

    async def list_targets(self) -> "list[Target]":
        """Look for type A cards and select them: none, one or two. The field stays on."""
        return read_targets(await self._command(_IN_LIST_PASSIVE_TARGET, _TWO_TYPE_A))

    async def is_there(self) -> bool:
        """Whether the selected ISO-DEP card still answers; its session is not disturbed."""
        answer = await self._command(_DIAGNOSE, _CARD_THERE)
        return len(answer) == 2 and not answer[1] & _ERROR_CODE

    async def release(self) -> None:
        """Let go of every card."""
        await self._command(_IN_RELEASE, _ALL)

    async def exchange(self, target: int, data: "bytes | bytearray | memoryview", timeout_ms: int) -> bytes:
        """Send `data` to a card and return its answer, both in as many parts as it takes.

        Args:
            target: its number.
            data: an APDU to an ISO-DEP card, at most `APDU_LIMIT` bytes, or a command of a Type 2 tag.
            timeout_ms: for each part.

        Raises:
            ContactlessFault: also gone, radio and long.
        """
        if len(data) > APDU_LIMIT:
            raise ContactlessFault("long")
        # Held to the end: another command between two parts would break the chain.
        async with self._turn:
            at = 0
            while len(data) - at > _PART:
                await self._part(target | _MORE, data[at : at + _PART], timeout_ms)
                at += _PART
            answer = await self._part(target, data[at:], timeout_ms)
            if not answer[1] & _MORE:
                return answer[2:]
            whole = bytearray(answer[2:])
            while answer[1] & _MORE:
                answer = await self._part(target, b"", timeout_ms)
                whole += answer[2:]
                # A part with nothing in it would go on for ever.
                if len(whole) > APDU_LIMIT or (len(answer) == 2 and answer[1] & _MORE):
                    raise ContactlessFault("long")
            return bytes(whole)

    async def _part(self, target: int, data: "bytes | bytearray | memoryview", timeout_ms: int) -> bytes:
        answer = await self._run(_IN_DATA_EXCHANGE, bytes((target,)), data, timeout_ms, False)
        if len(answer) < 2:
            raise ContactlessFault("answer")
        code = answer[1] & _ERROR_CODE
        if code:
            raise ContactlessFault("gone" if code in _CARD_LEFT else "radio")
        return answer

    async def _command(self, command: int, arguments: bytes = b"") -> bytes:
        async with self._turn:
            return await self._run(command, arguments, b"", _ANSWER_MS, True)

    async def _run(
        self,
        command: int,
        arguments: bytes,
        data: "bytes | bytearray | memoryview",
        timeout_ms: int,
        repeatable: bool,
    ) -> bytes:
        buffer = self._buffer
        data_at = BODY_AT + 2 + len(arguments)
        buffer[BODY_AT + 1] = command
        buffer[BODY_AT + 2 : data_at] = arguments
        buffer[data_at : data_at + len(data)] = data
        frame = seal(buffer, data_at + len(data) - BODY_AT)
        port = self._port
        port.reset()
        dialogue = Dialogue(command, repeatable)
        resent = False
        await port.send(frame)
        try:
            while True:
                # What can't be sent again gains nothing by giving up early.
                impatient = repeatable and not dialogue.acknowledged
                received = await port.receive(_ACK_MS if impatient else timeout_ms)
                if received is None:
                    action = dialogue.expired(port.unfinished)
                else:
                    action = dialogue.take(received[0], received[1])
                if action == DONE:
                    if resent:
                        await port.settle()  # the chip may answer each
                    return dialogue.answer
                if action == SEND_COMMAND:
                    resent = True
                    port.reset()
                    await port.send(frame)
                elif action == SEND_NACK:
                    port.reset()
                    await port.send(NACK_FRAME)
                elif action == FAILED:
                    # An ACK from the host stops whatever the chip is doing.
                    await port.send(ACK_FRAME)
                    await port.settle()
                    raise ContactlessFault(dialogue.fault)
        finally:
            # It held a card's data.
            for at in range(BODY_AT, data_at + len(data) + 2):
                buffer[at] = 0
