"""Message specs as data: `load_spec("vafa")` gives the bundled dialect.

`protocol.spec.moov` exchanges specs with moov-io/iso8583, `protocol.spec.compatibility` compares two of them.
"""

from protocol.spec.checking import SpecFault
from protocol.spec.loading import bundled_specs, load_spec, parse_json_spec, parse_spec
from protocol.spec.schema import (
    FieldSpec,
    MessageTypeSpec,
    ResponseCodeSpec,
    SpecDocument,
    TagSpec,
)

__all__ = [
    "FieldSpec",
    "MessageTypeSpec",
    "ResponseCodeSpec",
    "SpecDocument",
    "SpecFault",
    "TagSpec",
    "bundled_specs",
    "load_spec",
    "parse_json_spec",
    "parse_spec",
]
