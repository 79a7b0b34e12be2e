"""What is promised of the dialect's messages holds for every bundled spec."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode
from protocol.faults import ProtocolFault
from protocol.presentation.json_form import from_json, to_json
from protocol.presentation.masking import Masking, redact
from protocol.presentation.spans import read
from protocol.presentation.text import columns, rows
from protocol.spec import bundled_specs, load_spec
from tests.amounts import many
from tests.protocol.message_strategies import messages


@pytest.mark.parametrize("name", bundled_specs())
@settings(max_examples=many(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_views_conversions_and_redaction(name: str, data: st.DataObject) -> None:
    spec = load_spec(name)
    message = data.draw(messages(spec))
    try:
        payload = encode(spec, message)
    except ProtocolFault:
        return
    reading = read(spec, payload)
    assert reading.faults == ()
    decoded = decode(spec, payload)
    assert reading.message() == decoded
    document = json.loads(json.dumps(to_json(decoded)))
    assert encode(spec, from_json(spec, document)) == payload
    shown = columns(rows(reading, Masking(reading), "en"))
    for number, value in decoded.fields.items():
        if spec.fields[number].mask == "wipe" and isinstance(value, str):
            (cells,) = [cells for cells in shown if cells[1].strip() == str(number)]
            assert cells[3] == "*" * len(value)
    redacted = encode(spec, redact(reading))
    assert len(redacted) == len(payload)
    assert decode(spec, redacted).fields.keys() == decoded.fields.keys()
