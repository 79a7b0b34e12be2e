"""Decode a purchase request and build its reply, beside pyiso8583, py8583 and construct.

Every contender starts from the request's bytes and ends with the same reply's bytes; a wrong byte ends the
benchmark. The other libraries, `construct` (our reference) and `python_all_fields` read every field.
`python` and `compiled` find every field, prove the sizes and build the reply, as a router does. With
`_six_fields` they also read what an authoriser reads: card, processing code, amount, time, STAN and terminal.
`batch` does as `compiled`, 64 messages a call.
"""

import copy
from collections.abc import Callable
from typing import Any, cast

import iso8583
from iso8583.specs import default as pyiso_default
from py8583.py8583 import DT, Iso8583
from py8583.py8583spec import IsoSpec1987BCD

from protocol.codec import HAS_COMPILED, decode, encode, reference
from protocol.codec.view import MessageCodec, plain_view_codec
from protocol.framing import frame
from protocol.message import Message, Value
from protocol.message_type import response_of
from protocol.rules_of_type import respond
from protocol.spec import FieldSpec, SpecDocument, load_spec
from tools.bench.measure import Contender, Report, Result, machine, us_per_unit

SPEC_NAME = "iso8583-1987-bcd"
BATCH_MESSAGES = 64
READ_FIELDS = (2, 3, 4, 7, 11, 41)

REQUEST = Message(
    "0200",
    {
        2: "9364000000000001",
        3: "000000",
        4: "000002500000",
        7: "1121200000",
        11: "000001",
        12: "233000",
        13: "1121",
        14: "3012",
        18: "5411",
        22: "021",
        25: "00",
        32: "581672",
        35: "9364000000000001=30121010000000000000",
        37: "632520000001",
        41: "T0000001",
        42: "SHOP00000000001",
        43: "SAMPLE SHOP             TEHRAN        IR",
        49: "364",
        53: "0000000000000001",
        64: bytes(range(8)),
    },
)
OWN_FIELDS: dict[int, Value] = {38: "000017", 39: "00", 54: "9102999C000000000250", 64: bytes(range(8, 16))}


def contenders() -> dict[str, Contender]:
    """All contenders by name, each proved to build the same reply."""
    spec = load_spec(SPEC_NAME)
    request = encode(spec, REQUEST)
    reply = encode(spec, respond(spec, REQUEST, OWN_FIELDS))
    calls: dict[str, Callable[[], bytes]] = {
        "pyiso8583": _pyiso8583(spec, request),
        "py8583": _py8583(spec, request),
        "construct": lambda: reference.encode(
            spec, respond(spec, reference.decode(spec, request), OWN_FIELDS)
        ),
        "python_all_fields": lambda: encode(spec, respond(spec, decode(spec, request), OWN_FIELDS)),
        "python": _view(plain_view_codec(spec), request, ()),
        "python_six_fields": _view(plain_view_codec(spec), request, READ_FIELDS),
    }
    if HAS_COMPILED:
        from protocol.codec._compiled import compiled_codec  # noqa: PLC0415

        calls["compiled"] = _view(compiled_codec(spec), request, ())
        calls["compiled_six_fields"] = _view(compiled_codec(spec), request, READ_FIELDS)
    found = {name: Contender(_proved(name, call, reply)) for name, call in calls.items()}
    if HAS_COMPILED:
        batch = _batch(spec, request)
        found["batch"] = Contender(_proved("batch", batch, frame(reply) * BATCH_MESSAGES), BATCH_MESSAGES)
    return found


def run(*, quick: bool) -> Report:
    """Microseconds per message of each contender."""
    figures = us_per_unit(contenders(), rounds=5 if quick else 15, round_s=0.02 if quick else 0.2)
    results = [Result(name, round(value, 3), "us/message") for name, value in figures.items()]
    return Report("codec", machine(), results)


def _proved(name: str, call: Callable[[], bytes], expected: bytes) -> Callable[[], bytes]:
    if call() != expected:
        raise AssertionError(f"{name} builds another reply")
    return call


def _view(codec: MessageCodec, request: bytes, read: tuple[int, ...]) -> Callable[[], bytes]:
    def exchange() -> bytes:
        view = codec.view(request)
        for number in read:
            view[number]
        return view.respond(OWN_FIELDS)

    return exchange


def _batch(spec: SpecDocument, request: bytes) -> Callable[[], bytes]:
    from protocol.codec._compiled import compiled_codec  # noqa: PLC0415
    from protocol.codec.table import codec_table  # noqa: PLC0415

    table = codec_table(spec)
    given = {n: [table.field(n).write(value)] * BATCH_MESSAGES for n, value in OWN_FIELDS.items()}
    stream = frame(request) * BATCH_MESSAGES
    codec = compiled_codec(spec)
    return lambda: codec.exchange(stream, given)


def _pyiso8583(spec: SpecDocument, request: bytes) -> Callable[[], bytes]:
    """The same spec in the form of pyiso8583."""
    theirs: dict[str, dict[str, object]] = copy.deepcopy(pyiso_default)
    theirs["t"]["data_enc"] = "b"
    theirs["t"]["max_len"] = 2
    for number, field in spec.fields.items():
        theirs[str(number)] = _pyiso8583_field(field)
    echo = [str(number) for number in spec.echo_of(response_of(REQUEST.mti)) if number not in OWN_FIELDS]
    own = {str(number): _hexadecimal(value) for number, value in OWN_FIELDS.items()}

    def exchange() -> bytes:
        read, _ = iso8583.decode(request, theirs)
        reply = {"t": "0210", **{number: read[number] for number in echo if number in read}, **own}
        return bytes(iso8583.encode(reply, theirs)[0])

    return exchange


def _pyiso8583_field(field: FieldSpec) -> dict[str, object]:
    digits = field.unit == "digits"
    length_type = {"fixed": 0, "LL": 1, "LLL": 2}[field.length]
    theirs: dict[str, object] = {
        "data_enc": "b" if digits or field.kind == "b" else "ascii",
        "len_enc": "bcd",
        "len_type": length_type,
        "max_len": field.size,
        "desc": field.name,
    }
    if digits:
        theirs["len_count"] = "nibbles"
        if field.pad is not None:
            theirs["left_pad" if field.pad == "left" else "right_pad"] = "0" if field.kind == "n" else "F"
    return theirs


def _py8583(spec: SpecDocument, request: bytes) -> Callable[[], bytes]:
    """The library's own packed spec, with the data types that differ set as in ours."""
    theirs = IsoSpec1987BCD()
    theirs.ContentTypes = copy.deepcopy(theirs.ContentTypes)  # the library shares them between all specs
    for number in REQUEST.fields | OWN_FIELDS:
        field = spec.fields[number]
        theirs.DataType(
            number, DT.BCD if field.encoding == "bcd" else DT.BIN if field.kind == "b" else DT.ASCII
        )
    writing = copy.deepcopy(theirs)
    writing.MaxLength(64, 16)  # it measures binary values by their hexadecimal digits when it is given them
    echo = [number for number in spec.echo_of(response_of(REQUEST.mti)) if number not in OWN_FIELDS]

    def exchange() -> bytes:
        read: Any = Iso8583(request, theirs)
        reply: Any = Iso8583(IsoSpec=writing)
        reply.MTI("0210")
        for number in echo:
            if read.Field(number):
                reply.Field(number, 1)
                reply.FieldData(number, read.FieldData(number))
        for number, value in OWN_FIELDS.items():
            reply.Field(number, 1)
            reply.FieldData(number, _hexadecimal(value))
        return cast(bytes, reply.BuildIso())

    return exchange


def _hexadecimal(value: Value) -> str:
    if isinstance(value, bytes):
        return value.hex().upper()
    return cast(str, value)
