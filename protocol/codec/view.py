"""A message read as far as it is asked for, and its response made of the bytes that it echoes."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NoReturn, Protocol, TypeVar

from protocol.codec.fast import check_size, decode, mac_field
from protocol.codec.layout import Layout, make_layout
from protocol.codec.short_cut import plain_text_test
from protocol.codec.table import FIELDS, CodecTable, codec_table
from protocol.faults import FaultCode, ProtocolFault
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.message_type import response_of
from protocol.security.mac import Mac
from protocol.spec import SpecDocument

# Bitmaps are few in honest traffic; a peer that makes up new ones must not fill the memory.
_KEPT_MAXIMUM = 1024

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")
Build = Callable[[bytes, "tuple[int, ...]", dict[int, Value]], bytes]


class View(Protocol):
    """What a view offers, plain or compiled."""

    @property
    def payload(self) -> bytes:
        """The bytes that are viewed."""

    @property
    def mti(self) -> str:
        """Message type."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Fields of the message, ascending."""

    def __contains__(self, number: int) -> bool: ...

    def __getitem__(self, number: int) -> Value: ...

    def text(self, number: int) -> str:
        """Value of a text field; KeyError where the message lacks it, TypeError where it is another kind."""

    def raw(self, number: int) -> bytes:
        """Bytes of a field with its length prefix."""

    def span(self, number: int) -> tuple[int, int]:
        """Where a field stands in the payload, its length prefix included."""

    def message(self) -> Message:
        """All fields, read now."""

    def respond(self, fields: dict[int, Value], mac: Mac | None = None) -> bytes:
        """Payload of the response: what its type echoes, byte for byte, and `fields`, which come first.

        With `mac` it is sealed by it: `fields` then has no MAC. Raises ProtocolFault of the local side.
        """


class MessageCodec(Protocol):
    """What makes views."""

    def view(self, payload: bytes) -> View:
        """Find the fields of a payload. Raises ProtocolFault where it is not well-formed."""

    def exchange(self, stream: bytes, given: Mapping[int, Sequence[bytes]]) -> bytes:
        """Build the response to every message of a stream of frames.

        `stream` holds whole frames, each with two bytes of length; a last one that is cut short is left.
        `given` maps a field to a sequence of its bytes, prefix included, one for each message. Returns the
        framed responses in one piece. Raises ProtocolFault of the first payload that is not well-formed.
        """


class MessageView:
    """A payload whose fields are decoded one by one, when they are asked for.

    Making a view finds every field's place and proves that sizes add up; it does not read contents. A field
    whose content is wrong raises ProtocolFault when it is read, the same that `decode` raises.
    """

    __slots__ = ("_offsets", "_shape", "payload")

    def __init__(self, shape: "Shape", payload: bytes, offsets: tuple[int, ...]) -> None:
        self._shape = shape
        self._offsets = offsets
        self.payload = payload

    @property
    def mti(self) -> str:
        """Message type."""
        return self._shape.mti

    def __contains__(self, number: int) -> bool:
        return number in self._shape.index

    @property
    def numbers(self) -> tuple[int, ...]:
        """Fields of the message, ascending."""
        return self._shape.layout.numbers

    def __getitem__(self, number: int) -> Value:
        """Value of a field; KeyError where the message lacks it."""
        shape = self._shape
        return shape.values[number](self.payload, self._offsets[shape.index[number]])

    def text(self, number: int) -> str:
        """Value of a text field; KeyError where the message lacks it, TypeError where it is another kind."""
        value = self[number]
        if not isinstance(value, str):
            raise TypeError(f"field {number} is not text")
        return value

    def raw(self, number: int) -> bytes:
        """Bytes of a field with its length prefix."""
        place = self._shape.index[number]
        return self.payload[self._offsets[place] : self._offsets[place + 1]]

    def span(self, number: int) -> tuple[int, int]:
        """Where a field stands in the payload, its length prefix included."""
        place = self._shape.index[number]
        return self._offsets[place], self._offsets[place + 1]

    def message(self) -> Message:
        """All fields, read now."""
        return Message(self.mti, {number: self[number] for number in self.numbers})

    def respond(self, fields: dict[int, Value], mac: Mac | None = None) -> bytes:
        """Payload of the response: what its type echoes, byte for byte, and `fields`, which come first.

        With `mac` it is sealed by it: `fields` then has no MAC. Raises ProtocolFault of the local side.
        """
        shape = self._shape
        given = tuple(fields)
        if mac is None:
            build = shape.responses.get(given) or shape.learn_response(given)
            payload = build(self.payload, self._offsets, fields)
        else:
            build = shape.sealed_responses.get(given) or shape.learn_response(given, sealed=True)
            payload = build(self.payload, self._offsets, fields)
            payload += mac.sign(payload)
        return payload if len(payload) <= shape.payload_maximum_bytes else shape.refuse(payload)

    def respond_raw(self, fields: dict[int, Value]) -> bytes:
        """The same with fields that are bytes already, prefix included."""
        shape, given = self._shape, tuple(fields)
        build = shape.raw_responses.get(given) or shape.learn_response(given, raw=True)
        payload = build(self.payload, self._offsets, fields)
        return payload if len(payload) <= shape.payload_maximum_bytes else shape.refuse(payload)


class Shape:
    """What messages with the same type and bitmap have in common: layout, and how responses are built."""

    def __init__(self, table: CodecTable, mti: str, layout: Layout) -> None:
        self._table = table
        self.mti = mti
        self.layout = layout
        self.index = layout.index
        self.values = layout.values
        self.payload_maximum_bytes = table.payload_maximum_bytes
        self.responses: dict[tuple[int, ...], Build] = {}
        self.sealed_responses: dict[tuple[int, ...], Build] = {}
        self.raw_responses: dict[tuple[int, ...], Build] = {}

    def refuse(self, payload: bytes) -> NoReturn:
        """A response that is longer than its spec allows."""
        raise ProtocolFault(
            FaultCode.OVERSIZE_FRAME,
            expected=self.payload_maximum_bytes,
            actual=len(payload),
            side="local",
        )

    def learn_response(self, given: tuple[int, ...], *, sealed: bool = False, raw: bool = False) -> Build:
        """Write the function that builds responses with these fields. Raises ProtocolFault UNKNOWN_FIELD.

        `sealed` leaves room for the MAC in the bitmap; `raw` takes fields that are bytes already.
        """
        table, places = self._table, self.layout.index
        mti = response_of(self.mti)
        echoed = [n for n in table.spec.echo_of(mti) if n in places and n not in given]
        numbers = sorted({*echoed, *given})
        for number in numbers:
            if not 0 < number < FIELDS or table.fields[number] is None:
                raise table.unknown_field(number)
        mac_number = [mac_field(dict.fromkeys(numbers, b""))] if sealed else []
        head = table.write_mti(mti) + table.write_bitmap([*numbers, *mac_number])
        pieces: list[str] = []
        namespace: dict[str, object] = {"head": head}
        for number in numbers:
            if number in given and raw:
                pieces.append(f"f[{number}]")
            elif number in given:
                namespace[f"w{number}"] = table.field(number).write
                test = plain_text_test(table.spec, table.spec.fields[number])
                pieces.append(
                    f"(v.encode() if type(v := f[{number}]) is str and {test} else w{number}(v))"
                    if test
                    else f"w{number}(f[{number}])"
                )
            else:
                pieces.append(f"p[o[{places[number]}]:o[{places[number] + 1}]]")
        source = f"def build(p, o, f):\n    return b''.join((head, {', '.join(_merged(pieces))}))"
        # The source is made of field numbers of a checked spec and nothing that ever came over a wire.
        exec(compile(source, f"<response {mti}>", "exec"), namespace)  # noqa: S102
        build = namespace["build"]
        assert callable(build)  # noqa: S101  (the source above defines it)
        built: Build = build
        _keep(
            self.raw_responses if raw else self.sealed_responses if sealed else self.responses, given, built
        )
        return built


class ViewCodec:
    """Views and responses of one spec; `plain_view_codec(spec)` keeps one for each.

    What it learns of bitmaps it keeps in bounded tables, so it is not for two threads at once.
    """

    def __init__(self, spec: SpecDocument) -> None:
        self._table = codec_table(spec)
        self._shapes: dict[bytes, Shape] = {}
        self._payload_maximum_bytes = spec.payload_maximum_bytes
        self._mark = self._table.mti_bytes
        self._head_bytes = self._table.head_bytes

    def view(self, payload: bytes) -> MessageView:
        """Find the fields of a payload. Raises ProtocolFault where it is not well-formed."""
        try:
            head = payload[: self._head_bytes[payload[self._mark]]]
        except IndexError:
            head = payload
        shape = self._shapes.get(head)
        if shape is None or len(payload) > self._payload_maximum_bytes:
            shape = self._learn(payload, head)
        offsets = shape.layout.locate(payload)
        if offsets is None:
            raise self._fault(payload)
        return MessageView(shape, payload, offsets)

    def exchange(self, stream: bytes, given: Mapping[int, Sequence[bytes]]) -> bytes:
        """Build the response to every message of a stream of frames; see `MessageCodec.exchange`."""
        messages = min((len(column) for column in given.values()), default=len(stream))
        payloads = FrameDecoder(max_frame_bytes=0xFFFF).feed(stream)[:messages]
        return b"".join(
            frame(self.view(payload).respond_raw({number: given[number][index] for number in given}))
            for index, payload in enumerate(payloads)
        )

    def _learn(self, payload: bytes, head: bytes) -> Shape:
        table = self._table
        check_size(table, payload)
        mti = table.read_mti(payload)
        bits, width, start = table.read_bitmap(payload)
        # Types with the same bitmap share a layout.
        bitmap = head[table.mti_bytes :]
        shared = (shape.layout for key, shape in self._shapes.items() if key[table.mti_bytes :] == bitmap)
        layout = next(shared, None) or make_layout(table, bits, width, start)
        if layout is None:
            raise self._fault(payload)
        shape = Shape(table, mti, layout)
        _keep(self._shapes, head, shape)
        return shape

    def _fault(self, payload: bytes) -> ProtocolFault:
        """What the plain decoder says of a payload that has no places for its fields."""
        try:
            decode(self._table.spec, payload)
        except ProtocolFault as fault:
            return fault
        raise AssertionError("the layout and the decoder disagree")


def _merged(pieces: list[str]) -> list[str]:
    """Neighbours in the request are copied in one piece."""
    merged: list[str] = []
    for piece in pieces:
        last = merged[-1] if merged else ""
        if (
            piece.startswith("p[")
            and last.startswith("p[")
            and last.endswith(piece[1 : piece.index(":")][1:] + "]")
        ):
            merged[-1] = f"{last[: last.index(':')]}{piece[piece.index(':') :]}"
        else:
            merged.append(piece)
    return [*merged, "b''"]


def _keep(known: dict[_Key, _Kept], key: _Key, value: _Kept) -> None:
    if len(known) >= _KEPT_MAXIMUM:
        del known[next(iter(known))]
    known[key] = value


plain_view_codec = cache(ViewCodec)
