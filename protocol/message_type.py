"""Message type identifiers of ISO 8583: version, class, function, origin.

The function digit is even for a request or advice, odd for its response; an odd origin digit marks a repeat.
"""


def response_of(mti: str) -> str:
    """Type of the response: "0200" and its repeat "0201" both give "0210"."""
    return f"{mti[:2]}{int(mti[2]) | 1}{_original_origin(mti)}"


def repeat_of(mti: str) -> str:
    """Type of the repeat of a request or advice: "0200" gives "0201"."""
    return f"{mti[:3]}{int(mti[3]) | 1}"


def original_of(mti: str) -> str:
    """Type without the repeat mark: "0401" gives "0400"."""
    return f"{mti[:3]}{_original_origin(mti)}"


def is_repeat(mti: str) -> bool:
    """Whether the sender says that it sent this before."""
    return int(mti[3]) & 1 == 1


def is_response(mti: str) -> bool:
    """Whether this answers a request or an advice."""
    return int(mti[2]) & 1 == 1


def _original_origin(mti: str) -> int:
    return int(mti[3]) & ~1
