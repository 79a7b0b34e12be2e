"""A message read as far as it is asked for, and its response made of the bytes that it echoes."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from protocol.codec.fast import check_size, decode, mac_field
from protocol.codec.field import FieldCodec
from protocol.codec.layout import Layout, make_layout
from protocol.codec.table import FIELDS, CodecTable, codec_table
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.message_type import response_of
from protocol.security.mac import Mac
from protocol.spec import SpecDocument

# Bitmaps are few in honest traffic; a peer that makes up new ones must not fill the memory.
_KEPT_MAXIMUM = 1024

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")
Build = Callable[[bytes, "tuple[int, ...]", dict[int, Value]], bytes]


class MessageView:
    """A payload whose fields are decoded one by one, when they are asked for.

    Making a view finds every field's place and proves that sizes add up; it does not read contents. A field
    whose content is wrong raises ProtocolFault when it is read, the same that `decode` raises.
    """

    __slots__ = ("_layout", "_offsets", "_table", "mti", "payload")

    def __init__(
        self, table: CodecTable, payload: bytes, mti: str, layout: Layout, offsets: tuple[int, ...]
    ) -> None:
        self._table = table
        self._layout = layout
        self._offsets = offsets
        self.payload = payload
        self.mti = mti

    def __contains__(self, number: int) -> bool:
        return number in self._layout.index

    @property
    def numbers(self) -> tuple[int, ...]:
        """Fields of the message, ascending."""
        return self._layout.numbers

    def __getitem__(self, number: int) -> Value:
        """Value of a field; KeyError where the message lacks it."""
        offset = self._offsets[self._layout.index[number]]
        return _codec(self._table, number).read(self.payload, offset)[0]

    def text(self, number: int) -> str:
        """Value of a text field; KeyError where the message lacks it, TypeError where it is another kind."""
        value = self[number]
        if not isinstance(value, str):
            raise TypeError(f"field {number} is not text")
        return value

    def raw(self, number: int) -> bytes:
        """Bytes of a field with its length prefix."""
        place = self._layout.index[number]
        return self.payload[self._offsets[place] : self._offsets[place + 1]]

    def span(self, number: int) -> tuple[int, int]:
        """Where a field stands in the payload, its length prefix included."""
        place = self._layout.index[number]
        return self._offsets[place], self._offsets[place + 1]

    def message(self) -> Message:
        """All fields, read now."""
        return Message(self.mti, {number: self[number] for number in self._layout.numbers})


class ViewCodec:
    """Views and responses of one spec; `view_codec(spec)` keeps one for each.

    What it learns of bitmaps it keeps in bounded tables, so it is not for two threads at once.
    """

    def __init__(self, spec: SpecDocument) -> None:
        self._table = codec_table(spec)
        self._echo = {mti: message.echo for mti, message in spec.messages.items()}
        self._layouts: dict[bytes, tuple[str, Layout]] = {}
        self._responses: dict[tuple[str, Layout, tuple[int, ...], bool], Build] = {}

    def view(self, payload: bytes) -> MessageView:
        """Find the fields of a payload. Raises ProtocolFault where it is not well-formed."""
        table = self._table
        head = payload[: table.head_bytes(payload)]
        known = self._layouts.get(head)
        if known is None:
            known = self._learn(payload, head)
        check_size(table, payload)
        mti, layout = known
        offsets = layout.locate(payload)
        if offsets is None:
            raise self._fault(payload)
        return MessageView(table, payload, mti, layout, offsets)

    def respond(self, request: MessageView, fields: dict[int, Value], mac: Mac | None = None) -> bytes:
        """Payload of the response to a request: what its type echoes, byte for byte, and `fields`.

        With `mac` it is sealed by it: `fields` then has no MAC. Raises ProtocolFault of the local side.
        """
        key = (request.mti, request._layout, tuple(fields), mac is not None)
        build = self._responses.get(key)
        if build is None:
            build = self._plan_response(request, list(fields), sealed=mac is not None)
            _keep(self._responses, key, build)
        payload = build(request.payload, request._offsets, fields)
        if mac is not None:
            payload += mac.sign(payload)
        if len(payload) > self._table.payload_maximum_bytes:
            raise ProtocolFault(
                FaultCode.OVERSIZE_FRAME,
                expected=self._table.payload_maximum_bytes,
                actual=len(payload),
                side="local",
            )
        return payload

    def _learn(self, payload: bytes, head: bytes) -> tuple[str, Layout]:
        table = self._table
        check_size(table, payload)
        mti = table.read_mti(payload)
        bits, width, start = table.read_bitmap(payload)
        # Types with the same bitmap share a layout.
        shared = (
            layout
            for key, (_, layout) in self._layouts.items()
            if key[table.mti_bytes :] == head[table.mti_bytes :]
        )
        layout = next(shared, None) or make_layout(table, bits, width, start)
        if layout is None:
            raise self._fault(payload)
        _keep(self._layouts, head, (mti, layout))
        return mti, layout

    def _fault(self, payload: bytes) -> ProtocolFault:
        """What the plain decoder says of a payload that has no places for its fields."""
        try:
            decode(self._table.spec, payload)
        except ProtocolFault as fault:
            return fault
        raise AssertionError("the layout and the decoder disagree")

    def _plan_response(self, request: MessageView, given: list[int], *, sealed: bool) -> Build:
        table = self._table
        mti = response_of(request.mti)
        echoed = [number for number in self._echo.get(mti, ()) if number in request and number not in given]
        numbers = sorted({*echoed, *given})
        for number in numbers:
            if not 0 < number < FIELDS or table.fields[number] is None:
                raise ProtocolFault(FaultCode.UNKNOWN_FIELD, str(number), side="local")
        mac_number = [mac_field(dict.fromkeys(numbers, b""))] if sealed else []
        head = table.write_mti(mti) + table.write_bitmap([*numbers, *mac_number])
        pieces: list[str] = []
        namespace: dict[str, object] = {"head": head}
        places = request._layout.index
        for number in numbers:
            if number in given:
                namespace[f"w{number}"] = _codec(table, number).write
                pieces.append(f"w{number}(f[{number}])")
            else:
                pieces.append(f"p[o[{places[number]}]:o[{places[number] + 1}]]")
        source = f"def build(p, o, f):\n    return b''.join((head, {', '.join(_merged(pieces))}))"
        # The source is made of field numbers of a checked spec and nothing that ever came over a wire.
        exec(compile(source, f"<response {mti}>", "exec"), namespace)  # noqa: S102
        build = namespace["build"]
        assert callable(build)  # noqa: S101  (the source above defines it)
        return build


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


def _codec(table: CodecTable, number: int) -> FieldCodec:
    codec = table.fields[number]
    assert codec is not None  # noqa: S101  (callers have looked)
    return codec


def _keep(known: dict[_Key, _Kept], key: _Key, value: _Kept) -> None:
    if len(known) >= _KEPT_MAXIMUM:
        del known[next(iter(known))]
    known[key] = value


view_codec = cache(ViewCodec)
