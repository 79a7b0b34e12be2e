"""Postal codes: 10 digits, five of the round and five of the address.

Iran Post leaves 0 and 2 out of the first five, for they look like 5 and 3 in Persian handwriting.
"""

from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.written_digits import exact_digits

_KIND = NumberKind.POSTAL_CODE


def parse_postal_code(text: str) -> str:
    """The 10 ASCII digits of a postal code.

    Raises:
        NumberFault: characters, length, repeated or prefix.
    """
    digits = exact_digits(text, 10, _KIND)
    if len(set(digits)) == 1:
        raise NumberFault(_KIND, FaultReason.REPEATED)
    if not {"0", "2"}.isdisjoint(digits[:5]):
        raise NumberFault(_KIND, FaultReason.PREFIX)
    return digits
