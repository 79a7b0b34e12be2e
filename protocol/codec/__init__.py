"""Messages to bytes and back.

`encode` and `decode` are the fast codec; `protocol.codec.reference` says the same slowly, in `construct`.
"""

from protocol.codec.fast import decode, encode, encode_sealed, mac_field

__all__ = ["decode", "encode", "encode_sealed", "mac_field"]
