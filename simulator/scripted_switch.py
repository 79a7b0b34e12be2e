"""A host that answers terminals by a script: rightly, late, twice, wrongly sealed, cut off, or not at all.

It keeps no ledger worth the name. It is there to show how a terminal behaves when its host misbehaves.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from protocol.codec import decode, encode_sealed
from protocol.dialect import ProcessingCode
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.message_type import response_of
from protocol.security.mac import Mac
from protocol.spec import load_spec
from simulator.event_loop_thread import Blocking
from simulator.wallet import MagicAmount, Wallet, load_wallet
from simulator.wallet.behaviour import Behaviour as Behaviour  # noqa: PLC0414  (part of the interface)

# Requests that a host may refuse: not reversals, advices and totals.
_DECIDED = ("010", "020")


@dataclass(slots=True)
class Script:
    """What the next requests of each message class ("02", "04", "08", "01") meet; after that, an answer."""

    behaviours: dict[str, deque[Behaviour]] = field(default_factory=dict)
    response_codes: dict[str, deque[str]] = field(default_factory=dict)
    late_ms: int = 500

    def next(self, message_class: str, *behaviours: Behaviour) -> None:
        """Queue behaviours for a message class."""
        self.behaviours.setdefault(message_class, deque()).extend(behaviours)

    def next_code(self, message_class: str, *codes: str) -> None:
        """Queue response codes for a message class."""
        self.response_codes.setdefault(message_class, deque()).extend(codes)


class ScriptedSwitch(Blocking):
    """A loopback host for terminals that share `key`; `async with`, or `with` in a program without a loop.

    `requests` holds everything that arrived whole, in order; `changed` is notified of each. Where the script
    has nothing for a request, the cards and the magic amounts of `wallet` decide.
    """

    def __init__(self, key: bytes, script: Script | None = None, wallet: Wallet | None = None) -> None:
        self.script = script or Script()
        self.wallet = wallet or load_wallet()
        self.requests: list[Message] = []
        self.changed = asyncio.Condition()
        self.connections = 0
        self.points = 1000
        self.credit = 0
        self.member_name = "زهرا احمدی"
        self._spec = load_spec("vafa")
        self._mac = Mac(key)
        self._wrong_mac = Mac(bytes(byte ^ 0xFF for byte in key))
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0
        self._position = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Where terminals connect."""
        return ("127.0.0.1", self._port)

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_listening()

    async def listen(self) -> None:
        """Open the port, the same one after `stop_listening`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop_listening(self) -> None:
        """Close the port and cut every link."""
        if self._server is None:
            return
        self._server.close()
        self.cut_links()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def cut_links(self) -> None:
        """Drop every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    def requests_of(self, message_class: str) -> list[Message]:
        """Requests of a message class ("04"), oldest first."""
        return [request for request in self.requests if request.mti[:2] == message_class]

    async def wait_for(self, condition: Callable[[], bool], timeout_ms: int = 10_000) -> None:
        """Wait until `condition` holds, looked at after each request.

        Raises:
            TimeoutError: it does not hold in time.
        """
        async with asyncio.timeout(timeout_ms / 1000), self.changed:
            await self.changed.wait_for(condition)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        decoder = FrameDecoder()
        try:
            while data := await reader.read(4096):
                for payload in decoder.feed(data):
                    await self._take(payload, writer)
        except ConnectionError:
            pass  # scripts cut links, and so do terminals that lose their power
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _take(self, payload: bytes, writer: asyncio.StreamWriter) -> None:
        if not payload:
            return
        if not self._mac.verify(payload):
            raise ConnectionError("the terminal's MAC is wrong")
        request = decode(self._spec, payload)
        message_class = request.mti[:2]
        queue = self.script.behaviours.get(message_class)
        magic = self._magic(request)
        usual = magic.behaviour if magic else Behaviour.ANSWER
        behaviour = queue.popleft() if queue else usual
        async with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
        await self._act(behaviour, request, writer)

    async def _act(self, behaviour: Behaviour, request: Message, writer: asyncio.StreamWriter) -> None:
        if behaviour is Behaviour.SILENT:
            return
        if behaviour is Behaviour.CUT:
            writer.transport.abort()
            return
        response = self._respond(request)
        if behaviour is Behaviour.FOREIGN:
            response.fields[11] = str((int(request.text(11)) % 999999) + 1).zfill(6)
        mac = self._wrong_mac if behaviour is Behaviour.WRONG_MAC else self._mac
        data = frame(encode_sealed(self._spec, response, mac))
        if behaviour is Behaviour.CUT_MID_FRAME:
            writer.write(data[: len(data) // 2])
            await writer.drain()
            writer.close()
        elif behaviour is Behaviour.LATE:
            magic = self._magic(request)
            late_ms = (magic.late_ms if magic else None) or self.script.late_ms
            task = asyncio.create_task(self._later(writer, data, late_ms))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            writer.write(data * 2 if behaviour is Behaviour.TWICE else data)
            await writer.drain()

    @staticmethod
    async def _later(writer: asyncio.StreamWriter, data: bytes, late_ms: int) -> None:
        await asyncio.sleep(late_ms / 1000)
        if not writer.is_closing():
            writer.write(data)
            await writer.drain()

    def _respond(self, request: Message) -> Message:
        message_class = request.mti[:2]
        codes = self.script.response_codes.get(message_class)
        code = codes.popleft() if codes else self._code(request)
        echoed = (3, 4, 7, 11, 12, 13, 41, 42, 49, 70, 90)
        fields: dict[int, Value] = {
            number: request.fields[number] for number in echoed if number in request.fields
        }
        fields[39] = code
        if message_class == "08":
            fields[48] = {"DF0B": datetime.now(UTC).strftime("%Y%m%d%H%M%S"), "DF07": "00000001"}
            return Message(response_of(request.mti), fields)
        self._position += 1
        fields[37] = f"{self._position:012d}"
        if message_class == "02":
            if code == "00":
                fields[38] = f"A{self._position:05d}"
                fields[48] = self._post(request)
                fields[54] = self._balances()
            else:
                fields[48] = {"DF07": "00000001"}
        elif message_class == "01" and code == "00":
            fields[48] = {"DF05": self.member_name, "DF06": "Silver"}
            fields[54] = self._balances()
        return Message(response_of(request.mti), fields)

    def _magic(self, request: Message) -> MagicAmount | None:
        """What the amount of a purchase or of a hold brings about."""
        if request.mti[:3] not in _DECIDED or 4 not in request.fields:
            return None
        return self.wallet.amount_of(int(request.text(4)))

    def _code(self, request: Message) -> str:
        if request.mti[:3] not in _DECIDED:
            return "00"
        number = request.text(2) if 2 in request.fields else request.fields.get(35, "")
        card = self.wallet.card_of(str(number).partition("=")[0])
        code = "00"
        if card is not None:
            is_redemption = request.fields.get(3) == ProcessingCode.PURCHASE_FROM_POINTS
            code = card.redemption_code if is_redemption else card.response_code
        magic = self._magic(request)
        return magic.response_code if magic and code == "00" else code

    def _post(self, request: Message) -> dict[str, str | bytes]:
        amount = int(request.text(4))
        redeems = request.text(3) == "009100"
        earned = 0 if redeems else amount * 100 // 1_000_000
        credit = 0 if redeems else amount * 2 // 100
        spent = -(-amount // 1000) if redeems else 0
        self.points += earned - spent
        self.credit += credit
        return {
            "DF01": f"{earned:012d}",
            "DF02": f"{credit:012d}",
            "DF03": f"{spent:012d}",
            "DF04": f"{0:012d}",
            "DF05": self.member_name,
            "DF06": "Silver",
            "DF07": "00000001",
            "DF08": "از خرید شما سپاسگزاریم",
            "DF09": "Thank you for your purchase",
        }

    def _balances(self) -> str:
        return f"9102999C{self.points:012d}9202364C{self.credit:012d}"
