"""The fastest codec that this installation has."""

from protocol.codec.view import MessageCodec, plain_view_codec
from protocol.spec import SpecDocument

try:
    from protocol.codec._compiled import compiled_codec
except ImportError:  # no C compiler was there at installation
    HAS_COMPILED = False
else:
    HAS_COMPILED = True


def view_codec(spec: SpecDocument) -> MessageCodec:
    """Views and responses of a spec: compiled where that was built, else in Python. Both do the same."""
    return compiled_codec(spec) if HAS_COMPILED else plain_view_codec(spec)
