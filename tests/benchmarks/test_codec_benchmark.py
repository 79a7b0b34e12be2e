"""Decode a purchase request and encode its reply: our codecs side by side with pyiso8583's packed spec."""

import copy
from typing import TYPE_CHECKING

import iso8583
import pytest
from iso8583.specs import default as packed_spec

from protocol.codec import decode, encode, reference
from protocol.message import Message, Value
from protocol.rules_of_type import respond
from protocol.spec import load_spec
from tests.protocol.golden_vectors import MESSAGES

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

SPEC = load_spec("vafa")
REQUEST = next(case for case in MESSAGES if case.name == "purchase, stripe")
REPLY = next(case for case in MESSAGES if case.name == "purchase response").message
REPLY_FIELDS: dict[int, Value] = {number: REPLY.fields[number] for number in (37, 38, 39, 48, 54, 64)}

pytestmark = pytest.mark.benchmark(group="codec: decode a request, encode its reply")


def test_fast(benchmark: "BenchmarkFixture") -> None:
    def exchange() -> bytes:
        return encode(SPEC, respond(SPEC, decode(SPEC, REQUEST.payload), REPLY_FIELDS))

    assert decode(SPEC, benchmark(exchange)) == REPLY


def test_reference(benchmark: "BenchmarkFixture") -> None:
    def exchange() -> bytes:
        request = reference.decode(SPEC, REQUEST.payload)
        return reference.encode(SPEC, respond(SPEC, request, REPLY_FIELDS))

    assert reference.decode(SPEC, benchmark(exchange)) == REPLY


def test_pyiso8583(benchmark: "BenchmarkFixture") -> None:
    """The same fields as far as a spec without TLV can hold them: 48 is opaque text."""
    spec = copy.deepcopy(packed_spec)
    request_values = {"t": "0200", **_plain(REQUEST.message)}
    reply_values = _plain(Message("0210", REPLY_FIELDS))
    raw, _ = iso8583.encode(request_values, spec)
    echo = [str(number) for number in SPEC.messages["0210"].echo]

    def exchange() -> bytes:
        request, _ = iso8583.decode(bytes(raw), spec)
        reply = {"t": "0210", **{number: request[number] for number in echo}, **reply_values}
        return bytes(iso8583.encode(reply, spec)[0])

    decoded, _ = iso8583.decode(benchmark(exchange), spec)
    assert decoded["39"] == "00"


def _plain(message: Message) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, value in message.fields.items():
        if isinstance(value, bytes):
            values[str(number)] = value.hex().upper()
        elif isinstance(value, str):
            size = SPEC.fields[number].size if SPEC.fields[number].justify else 0
            values[str(number)] = value.ljust(size)
        else:
            values[str(number)] = "x" * 99
    return values
