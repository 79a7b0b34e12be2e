"""The chip in its slot: reset, agree on a protocol, exchange APDUs, over a stream that is the I/O line."""

import asyncio

from terminal.constant import const
from terminal.devices.chip.atr import DEFAULT_SPEED, AtrParser, clocks_and_baud, mirrored
from terminal.devices.chip.fault import ChipFault
from terminal.devices.chip.pps import PpsAnswer, request
from terminal.devices.chip.t0 import T0
from terminal.devices.chip.t1 import T1

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from terminal.devices.chip.atr import Atr
    from terminal.hal.contract import Stream

_INITIAL_WAIT_ETU = const(9600)
# The longest answer: 33 characters, each of which may come at the last moment, is cut off here.
_ATR_MOST_MS = const(2000)
_EXCHANGE_MOST_MS = const(10_000)
# Characters pass through buffers and other tasks on their way here.
_SLACK_MS = const(50)
_BUFFER_BYTES = const(64)
_CLOCK_HZ = const(3_579_545)


class Chip:
    """One slot, and the chip in it; an `ApduChannel` after `connect`.

    Args:
        power_on: powers the chip, resets it and gives its I/O line; closing the stream takes the power away.
        set_line: told clocks per etu and whether the line is inverse (odd parity then). None: the line stays
            at 372 clocks, or keeps up by itself.
        clock_hz: the chip's clock, 1 to 5 MHz.
        echo: the line is one wire, so what is sent is read back.
    """

    def __init__(
        self,
        power_on: "Callable[[], Awaitable[Stream]]",
        *,
        set_line: "Callable[[int, bool], None] | None" = None,
        clock_hz: int = _CLOCK_HZ,
        echo: bool = False,
    ) -> None:
        self.atr: "Atr | None" = None
        self._power_on = power_on
        self._set_line = set_line
        self._clock_hz = clock_hz
        self._echo = echo
        self._stream: "Stream | None" = None
        self._protocol: "T0 | T1 | None" = None
        self._mirror = False
        self._clocks = 372
        self._buffer = bytearray(_BUFFER_BYTES)
        self._at = 0
        self._count = 0

    async def connect(self) -> None:
        """Power the chip and get it ready for APDUs.

        Raises:
            ChipFault: absent, silent, atr, pps or protocol; the power is off then.
        """
        try:
            try:
                await self._start(negotiate=True)
            except ChipFault as fault:
                if fault.reason != "pps":
                    raise
                # A chip that will not negotiate is left as it is after its reset.
                await self._start(negotiate=False)
        except ChipFault:
            self.close()
            raise

    async def exchange(self, apdu: "bytes | bytearray | memoryview") -> bytes:
        """The response APDU, status included. `terminal.cards.apdu` follows 61xx and 6Cxx.

        Raises:
            ChipFault: unless it is "lost", the power is off then.
        """
        protocol = self._protocol
        if protocol is None:
            raise ChipFault("absent")
        try:
            protocol.start(apdu)
            await asyncio.wait_for(self._run(protocol), _EXCHANGE_MOST_MS / 1000)
        except asyncio.TimeoutError:
            self.close()
            raise ChipFault("silent") from None
        except ChipFault as fault:
            if fault.reason != "lost":
                self.close()
            raise
        response = protocol.response
        if response is None:
            raise ChipFault("silent")
        return response

    def close(self) -> None:
        """Take the power away."""
        stream = self._stream
        self._stream = None
        self._protocol = None
        self._at = self._count = 0
        for place in range(_BUFFER_BYTES):
            self._buffer[place] = 0
        if stream is not None:
            stream.close()

    async def _start(self, *, negotiate: bool) -> None:
        self.close()
        try:
            self._stream = await self._power_on()
        except OSError:
            raise ChipFault("absent") from None
        self._mirror = False
        self._set(DEFAULT_SPEED, False)
        parser = AtrParser()
        try:
            await asyncio.wait_for(self._read_atr(parser), _ATR_MOST_MS / 1000)
        except asyncio.TimeoutError:
            raise ChipFault("silent") from None
        atr = parser.atr
        self.atr = atr
        self._mirror = parser.mirrored
        speed = DEFAULT_SPEED
        number = atr.protocols[0]
        if atr.specific is not None:
            number = atr.specific
            if not atr.implicit:
                speed = atr.speed
        elif negotiate:
            if number > 1:
                number = next((offered for offered in atr.protocols if offered < 2), number)
            wanted = atr.speed if self._set_line is not None else DEFAULT_SPEED
            if number < 2 and (wanted != DEFAULT_SPEED or number != atr.protocols[0]):
                speed = await self._agree(number, wanted)
        if number > 1:
            raise ChipFault("protocol")
        self._set(speed, atr.inverse)
        self._protocol = _protocol(atr, number, speed)

    async def _read_atr(self, parser: "AtrParser") -> None:
        while not parser.feed(await self._next(_INITIAL_WAIT_ETU)):
            pass

    async def _agree(self, number: int, speed: int) -> int:
        """Protocol and parameters selection; the speed agreed on."""
        answer = PpsAnswer(number, speed)
        await self._write(request(number, speed))
        try:
            while not answer.feed(self._turned(await self._next(_INITIAL_WAIT_ETU))):
                pass
        except ChipFault:
            raise ChipFault("pps") from None
        return answer.speed

    async def _run(self, protocol: "T0 | T1") -> None:
        while protocol.response is None:
            if protocol.output:
                await self._write(protocol.output)
                protocol.sent()
            try:
                value = await self._next(protocol.wait_etu)
            except ChipFault as fault:
                if fault.reason != "silent":
                    raise
                protocol.timed_out()
                continue
            protocol.feed(self._turned(value))

    async def _next(self, wait_etu: int) -> int:
        """The line's next byte. Raises ChipFault: silent after `wait_etu`, absent if the chip is gone."""
        if self._at == self._count:
            stream = self._stream
            if stream is None:
                raise ChipFault("absent")
            wait_ms = wait_etu * self._clocks * 1000 // self._clock_hz + _SLACK_MS
            try:
                self._count = await asyncio.wait_for(stream.readinto(self._buffer), wait_ms / 1000)
            except asyncio.TimeoutError:
                self._at = self._count = 0
                raise ChipFault("silent") from None
            except OSError:
                self._count = 0
            self._at = 0
            if not self._count:
                raise ChipFault("absent")
        value = self._buffer[self._at]
        self._at += 1
        return value

    async def _write(self, data: bytes) -> None:
        stream = self._stream
        if stream is None:
            raise ChipFault("absent")
        # Whatever came out of turn answers nothing that is going to be sent.
        self._at = self._count = 0
        if self._mirror:
            data = bytes(mirrored(value) for value in data)
        try:
            stream.write(data)
            await stream.drain()
        except OSError:
            raise ChipFault("absent") from None
        if self._echo:
            for value in data:
                if await self._next(_INITIAL_WAIT_ETU) != value:
                    raise ChipFault("procedure")

    def _turned(self, value: int) -> int:
        return mirrored(value) if self._mirror else value

    def _set(self, speed: int, inverse: bool) -> None:
        clocks, baud = clocks_and_baud(speed)
        self._clocks = max(1, clocks // baud)
        if self._set_line is not None:
            self._set_line(self._clocks, inverse)


def _protocol(atr: "Atr", number: int, speed: int) -> "T0 | T1":
    clocks, baud = clocks_and_baud(speed)
    if number == 0:
        return T0(atr.waiting_integer, baud)
    # Clause 11.4.3: BWT counts in units of 372 clocks whatever the speed.
    block_wait_etu = 11 + (960 << atr.block_integer) * 372 * baud // clocks
    return T1(atr.card_size, block_wait_etu, 11 + (1 << atr.character_integer), atr.crc)
