"""Damaged bytes of every bundled and every imported spec: both codecs and the views refuse alike."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode, reference, view_codec
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.spec import SpecDocument, bundled_specs, load_spec
from tests.amounts import many
from tests.protocol.specs.any_values import messages

FOLDER = Path(__file__).resolve().parents[2] / "vectors/specs"
SPECS = [
    *bundled_specs(),
    *(
        str(FOLDER / name)
        for name in (
            "moov-ascii.json",
            "moov-packed.json",
            "small.toml",
            "whole-bitmap.toml",
            "third-bitmap.toml",
        )
    ),
]
relaxed = settings(max_examples=many(150), deadline=None, suppress_health_check=list(HealthCheck))


def _read(spec: SpecDocument, payload: bytes) -> Message | None:
    try:
        return decode(spec, payload)
    except ProtocolFault as fault:
        assert fault.code != FaultCode.REFUSED
        assert fault.offset is None or 0 <= fault.offset <= len(payload)
        return None


@pytest.mark.parametrize("name", SPECS, ids=lambda name: Path(name).name)
@relaxed
@given(data=st.data())
def test_damaged_bytes_are_refused_alike_or_mean_the_same(name: str, data: st.DataObject) -> None:
    spec = load_spec(name)
    payload = bytearray(encode(spec, data.draw(messages(spec, most_fields=4))))
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del payload[data.draw(st.integers(0, len(payload))) :]
    damaged = bytes(payload)
    read = _read(spec, damaged)
    if read is not None:
        assert encode(spec, read) == damaged
        assert reference.decode(spec, damaged) == read
        assert view_codec(spec).view(damaged).message() == read
        return
    with pytest.raises(ProtocolFault):
        reference.decode(spec, damaged)
    with pytest.raises(ProtocolFault):
        view_codec(spec).view(damaged).message()


@pytest.mark.parametrize("name", ["iso8583-1987-ascii", "iso8583-1987-binary", "iso8583-1993-ascii"])
def test_digits_of_another_code_page_are_no_message_type(name: str) -> None:
    spec = load_spec(name)
    payload = encode(spec, Message("0800", {11: "000001"})).replace(b"0800", "0800".encode("cp037"), 1)
    for read in (decode, reference.decode, lambda one, raw: view_codec(one).view(raw).message()):
        with pytest.raises(ProtocolFault):
            read(spec, payload)
