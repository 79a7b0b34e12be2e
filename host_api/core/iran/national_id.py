"""National id of a person (شمارهٔ ملی): 10 digits, the last of them a check digit modulo 11.

Three digits of the place of issue, six of the person, one to check (National Organisation for Civil
Registration, under the law on national ids and postal codes of 1376/1997).
"""

from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.written_digits import exact_digits

_KIND = NumberKind.NATIONAL_ID


def parse_national_id(text: str) -> str:
    """The 10 ASCII digits of a national id.

    Raises:
        NumberFault: characters, length, repeated or check_digit.
    """
    digits = exact_digits(text, 10, _KIND)
    if len(set(digits)) == 1:  # they pass the check, and are what people type to get past it
        raise NumberFault(_KIND, FaultReason.REPEATED)
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    if int(digits[9]) != (remainder if remainder < 2 else 11 - remainder):
        raise NumberFault(_KIND, FaultReason.CHECK_DIGIT)
    return digits
