"""A small switch that is right but for the defects that it is given. It keeps no ledger."""

import asyncio
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from protocol.codec import decode, encode_sealed
from protocol.faults import ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.message_type import original_of
from protocol.rules_of_type import respond, validate
from protocol.security.mac import Mac
from protocol.spec import load_spec

SPEC = load_spec("vafa")
TERMINAL = "T0000001"
KEY = bytes(range(16))


class Defect(StrEnum):
    """What it does wrong."""

    NO_MAC_CHECK = "no mac check"
    NO_SIGN_ON = "no sign-on"
    FORGETS = "forgets what it answered"
    NO_REVERSALS = "reverses nothing"
    KEEPS_STRANGERS = "keeps the links of strangers"
    WRONG_ECHO = "echoes another amount"
    LITTLE_ENDIAN = "little-endian length"
    MAC_WITHOUT_TYPE = "mac without the type"
    LOCAL_TIME = "local time"
    NO_FIELD_CHECK = "no check of fields"
    ANSWERS_GARBAGE = "answers what it can't read"


class WrongSwitch:
    """Serves one terminal on a loopback port."""

    def __init__(self, *defects: Defect) -> None:
        self._defects = set(defects)
        self._mac = Mac(KEY)
        self._answered: dict[tuple[str, str], tuple[object, Message]] = {}
        self._reversed: set[str] = set()
        self._count = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = FrameDecoder(1024)
        signed_on: set[str] = set()
        try:
            while data := await reader.read(4096):
                for payload in decoder.feed(data):
                    if payload and not self._take(payload, signed_on, writer):
                        return
        except (ProtocolFault, ConnectionError):
            return
        finally:
            writer.close()

    def _take(self, payload: bytes, signed_on: set[str], writer: asyncio.StreamWriter) -> bool:
        try:
            request = decode(SPEC, payload)
            terminal = request.text(41).strip()
        except (ProtocolFault, KeyError):
            if Defect.ANSWERS_GARBAGE in self._defects:
                fields: dict[int, Value] = {
                    3: "000000",
                    4: "0" * 12,
                    7: "0" * 10,
                    11: "0" * 6,
                    39: "30",
                    41: TERMINAL,
                }
                self._send(Message("0210", fields), writer)
            return True
        if terminal != TERMINAL:
            return Defect.KEEPS_STRANGERS in self._defects
        if not self._mac.verify(payload) and Defect.NO_MAC_CHECK not in self._defects:
            self._send(respond(SPEC, request, {39: "63"}), writer)
            return True
        self._send(self._answer(request, signed_on), writer)
        return True

    def _answer(self, request: Message, signed_on: set[str]) -> Message:
        if request.mti[1] == "8":
            return self._network(request, signed_on)
        if not signed_on and Defect.NO_SIGN_ON not in self._defects:
            return respond(SPEC, request, {39: "58"})
        plain = Message(
            original_of(request.mti), {n: v for n, v in request.fields.items() if n not in (64, 128)}
        )
        faults = [each for each in validate(SPEC, plain) if each.path not in ("64", "128")]
        if faults and Defect.NO_FIELD_CHECK not in self._defects:
            return respond(SPEC, request, {39: "30"})
        identity, content = (
            (request.text(11), request.text(7)),
            (plain.mti, sorted(map(str, plain.fields.items()))),
        )
        known = None if Defect.FORGETS in self._defects else self._answered.get(identity)
        if known is not None and plain.mti != "0400" and request.text(11) in self._reversed:
            return respond(SPEC, request, {39: "21"})
        if known is not None:
            return known[1] if known[0] == content else respond(SPEC, request, {39: "94"})
        reply = self._decide(request)
        self._answered[identity] = (content, reply)
        return reply

    def _decide(self, request: Message) -> Message:
        if request.mti[1] == "4" and Defect.NO_REVERSALS not in self._defects:
            self._reversed.add(request.text(90)[4:10])
        elif request.text(11) in self._reversed:
            return respond(SPEC, request, {39: "21"})
        self._count += 1
        fields: dict[int, Value] = {37: f"{self._count:012d}", 39: "00"}
        if request.mti[1] == "2":
            fields |= {38: "A00001", 48: {"DF07": "00000001"}, 54: "9102999C000000000025"}
        reply = respond(SPEC, request, fields)
        if Defect.WRONG_ECHO in self._defects and 4 in reply.fields:
            reply.fields[4] = f"{int(request.text(4)) // 10:012d}"
        return reply

    def _network(self, request: Message, signed_on: set[str]) -> Message:
        code = request.fields.get(70)
        if code == "001":
            signed_on.add(TERMINAL)
        elif code == "002":
            signed_on.clear()
        now = datetime.now(UTC)
        if Defect.LOCAL_TIME in self._defects:
            now += timedelta(minutes=210)
        return respond(
            SPEC, request, {39: "00", 48: {"DF0B": now.strftime("%Y%m%d%H%M%S"), "DF07": "00000001"}}
        )

    def _send(self, reply: Message, writer: asyncio.StreamWriter) -> None:
        payload = encode_sealed(SPEC, reply, self._mac)
        if Defect.MAC_WITHOUT_TYPE in self._defects:
            payload = payload[:-8] + self._mac.sign(payload[2:-8])
        framed = frame(payload)
        if Defect.LITTLE_ENDIAN in self._defects:
            framed = framed[1::-1] + framed[2:]
        writer.write(framed)
