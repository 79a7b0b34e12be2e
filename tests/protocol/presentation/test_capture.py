"""Captures in the habits of people and tools."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.presentation.capture import CaptureFault, read_capture
from protocol.presentation.envelope import Envelope, EnvelopeFault, in_envelope, open_envelope
from tests.amounts import many
from tests.protocol.golden_vectors import MESSAGES

PAYLOAD = MESSAGES[0].payload
HEX = PAYLOAD.hex()


def _xxd(data: bytes) -> str:
    lines = []
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        groups = " ".join(row[place : place + 2].hex() for place in range(0, len(row), 2))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:08x}: {groups:39}  {text}")
    return "\n".join(lines) + "\n"


def _hexdump(data: bytes) -> str:
    lines = []
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        halves = "  ".join(row[place : place + 8].hex(" ") for place in (0, 8))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:08x}  {halves:49} |{text}|")
    return "\n".join(lines) + f"\n{len(data):08x}\n"


def _wireshark(data: bytes) -> str:
    rows = (data[start : start + 16] for start in range(0, len(data), 16))
    return "\n".join(
        f"{place * 16:04x}   {row.hex(' '):47}   {'.' * len(row)}" for place, row in enumerate(rows)
    )


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        HEX.upper(),
        PAYLOAD.hex(" "),
        PAYLOAD.hex(":"),
        "0x" + PAYLOAD.hex(" ").replace(" ", ", 0x"),
        "\\x" + PAYLOAD.hex(" ").replace(" ", "\\x"),
        f"# a remark\n\n  {HEX}  \r\n",
        "\ufeff" + HEX,
    ],
)
def test_hexadecimal_text(text: str) -> None:
    capture = read_capture(text.encode())
    assert (capture.form, capture.payloads) == ("hex", (PAYLOAD,))


@given(st.lists(st.binary(min_size=1, max_size=70), min_size=1, max_size=3))
@settings(max_examples=many(60), deadline=None)
def test_dumps_with_offsets(messages: list[bytes]) -> None:
    for dump in (_xxd, _hexdump, _wireshark):
        text = "\n".join(dump(message) for message in messages)
        assert read_capture(text.encode(), "hex").payloads == tuple(messages)


def test_each_line_is_a_message() -> None:
    assert read_capture(f"{HEX}\n{HEX[:20]}\n".encode()).payloads == (PAYLOAD, PAYLOAD[:10])


def test_bytes_and_json_are_told_apart() -> None:
    assert read_capture(PAYLOAD).payloads == (PAYLOAD,)
    assert read_capture(PAYLOAD).form == "binary"
    assert read_capture(b"0800", "binary").payloads == (b"0800",)
    assert read_capture(b' {"mti": "0800"}\n{}').documents == ({"mti": "0800"}, {})


@pytest.mark.parametrize(
    ("raw", "form", "told"),
    [
        (b"", "auto", "empty"),
        (b" \n", "auto", "empty"),
        (b"# nothing", "auto", "empty"),
        (b"0200\n455673758689985", "auto", "line 2 has an odd number"),
        (b"0200\npan 4556737586899855", "auto", "line 2 is not hexadecimal"),
        (b"\xff\xfe", "hex", "not text"),
        (b"{", "auto", "not JSON"),
        (b"0" * 5_000_000, "auto", "more than"),
    ],
)
def test_what_is_no_capture(raw: bytes, form: str, told: str) -> None:
    with pytest.raises(CaptureFault, match=told) as caught:
        read_capture(raw, form)  # type: ignore[arg-type]
    assert "45567" not in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5))
@settings(max_examples=many(60), deadline=None)
def test_envelopes_open_again(payloads: list[bytes]) -> None:
    for envelope in (Envelope.LENGTH_2_BYTES, Envelope.LENGTH_4_ASCII):
        data = b"".join(in_envelope(envelope, payload) for payload in payloads)
        assert open_envelope(envelope, data) == payloads
    headed = [b"\x60\x00\x01\x00\x02" + payload for payload in payloads]
    data = b"\0\0" + b"".join(in_envelope(Envelope.LENGTH_2_BYTES, payload) for payload in headed)
    assert open_envelope(Envelope.LENGTH_2_BYTES_TPDU, data) == payloads
    assert open_envelope(Envelope.TPDU, headed[0]) == payloads[:1]


@pytest.mark.parametrize(
    ("envelope", "data"),
    [
        (Envelope.LENGTH_2_BYTES, b"\x00\x05abc"),
        (Envelope.LENGTH_2_BYTES, b"\x00\x01ab"),
        (Envelope.LENGTH_2_BYTES, b"\x00\x00"),
        (Envelope.LENGTH_4_ASCII, b"00x1a"),
        (Envelope.TPDU, b"\x02\x00\x32\x38\x00\x00"),
        (Envelope.TPDU, b"\x60"),
    ],
)
def test_what_is_not_in_an_envelope(envelope: Envelope, data: bytes) -> None:
    with pytest.raises(EnvelopeFault):
        open_envelope(envelope, data)
