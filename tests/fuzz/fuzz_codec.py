"""Coverage-guided fuzzing of the codecs: `make fuzz RUNS=10000000`.

Invariant: from any bytes only ProtocolFault escapes; what is read is written back the same; the plain and the
compiled view see what the decoder sees, or refuse with the same fault. The first byte of an input chooses the
spec.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["protocol.codec", "protocol.rules_of_type"]):
    from protocol.codec import HAS_COMPILED, decode, encode, view_codec
    from protocol.codec.view import MessageCodec, plain_view_codec
    from protocol.faults import FaultCode, ProtocolFault
    from protocol.message import Message
    from protocol.rules_of_type import validate
    from protocol.spec import SpecDocument, bundled_specs, load_spec

SPECS = [load_spec(name) for name in bundled_specs()]


def codecs_of(spec: SpecDocument) -> list[MessageCodec]:
    """The plain codec, and the compiled one where it was built."""
    return [plain_view_codec(spec), *([view_codec(spec)] if HAS_COMPILED else [])]


CODECS = [codecs_of(spec) for spec in SPECS]


def check(data: bytes) -> None:
    """One input."""
    if not data:
        return
    chosen = data[0] % len(SPECS)
    spec, payload = SPECS[chosen], data[1:]
    expected = _outcome(lambda: decode(spec, payload))
    for codec in CODECS[chosen]:
        assert _outcome(partial(_viewed, codec, payload)) == expected
    if isinstance(expected, Message):
        assert encode(spec, expected) == payload
        validate(spec, expected)
        for codec in CODECS[chosen]:
            codec.view(payload).respond({39: "000" if spec.fields[39].size == 3 else "00"})


def _viewed(codec: MessageCodec, payload: bytes) -> Message:
    return codec.view(payload).message()


def _outcome(read: Callable[[], Message]) -> Message | tuple[FaultCode, str, int | None]:
    try:
        return read()
    except ProtocolFault as fault:
        return (fault.code, fault.path, fault.offset)


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
