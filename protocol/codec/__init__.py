"""Messages to bytes and back.

`encode` and `decode` handle whole messages; `view_codec` reads single fields and builds responses, fast;
`protocol.codec.reference` says the same slowly, in `construct`.
"""

from protocol.codec.choice import HAS_COMPILED, view_codec
from protocol.codec.fast import decode, encode, encode_sealed, mac_field

__all__ = ["HAS_COMPILED", "decode", "encode", "encode_sealed", "mac_field", "view_codec"]
