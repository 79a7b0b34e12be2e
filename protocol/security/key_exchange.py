"""What a key exchange says: 0800 and 0810 with network code 101 (ISO 8583 field 70, key change).

The terminal asks with the session it is in; the switch answers with the session to roll over to. No key
travels: both derive it. The answer is sealed with the key that sealed the request.
"""

from collections.abc import Mapping

from protocol.dialect import Tag
from protocol.message import Value
from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.kcv import AES_CHECK_BYTES
from protocol.security.session_keys import SESSION_COUNTER_MAXIMUM, KeyOffer

_COUNTER_DIGITS = 10
_DIGITS = frozenset("0123456789")

Tags = dict[str, Value]


def request_tags(counter: int) -> Tags:
    """Field 48 of the terminal's 0800: the session it is in, 0 before the first."""
    return {Tag.SESSION_COUNTER.value: f"{counter:0{_COUNTER_DIGITS}d}"}


def response_tags(offer: KeyOffer) -> Tags:
    """Field 48 of the switch's 0810."""
    return {**request_tags(offer.counter), Tag.KEY_CHECK_VALUE.value: offer.check_value}


def read_request(tags: Mapping[str, Value]) -> int:
    """The peer's session. Raises SecurityFault BAD_KEY_EXCHANGE."""
    digits = tags.get(Tag.SESSION_COUNTER)
    if not isinstance(digits, str) or len(digits) != _COUNTER_DIGITS or not _DIGITS.issuperset(digits):
        raise SecurityFault(SecurityFaultCode.BAD_KEY_EXCHANGE)
    if int(digits) > SESSION_COUNTER_MAXIMUM:
        raise SecurityFault(SecurityFaultCode.BAD_KEY_EXCHANGE)
    return int(digits)


def read_response(tags: Mapping[str, Value]) -> KeyOffer:
    """The offer. Raises SecurityFault BAD_KEY_EXCHANGE."""
    check_value = tags.get(Tag.KEY_CHECK_VALUE)
    if not isinstance(check_value, bytes) or len(check_value) != AES_CHECK_BYTES:
        raise SecurityFault(SecurityFaultCode.BAD_KEY_EXCHANGE)
    return KeyOffer(read_request(tags), check_value)
