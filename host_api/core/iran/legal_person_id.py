"""National id of a legal person (شناسهٔ ملی اشخاص حقوقی): 11 digits, the last of them a check digit.

The tenth digit plus 2 is added to each of the first ten before they are weighed; the sum is taken modulo 11,
and 10 counts as 0 (State Organisation for Registration of Deeds and Properties).
"""

from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.written_digits import exact_digits

_KIND = NumberKind.LEGAL_PERSON_ID
_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)


def parse_legal_person_id(text: str) -> str:
    """The 11 ASCII digits of a legal person's national id.

    Raises:
        NumberFault: characters, length, repeated (no serial number between the third and the tenth digit) or
        check_digit.
    """
    digits = exact_digits(text, 11, _KIND)
    if digits[3:9] == "000000" or len(set(digits)) == 1:
        raise NumberFault(_KIND, FaultReason.REPEATED)
    added = int(digits[9]) + 2
    total = sum((int(digit) + added) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    if int(digits[10]) != total % 11 % 10:
        raise NumberFault(_KIND, FaultReason.CHECK_DIGIT)
    return digits
