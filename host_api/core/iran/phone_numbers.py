"""Telephone numbers of Iran in the form of E.164: ``+98`` and ten digits.

Mobile numbers begin with 9; the first two digits of others name a province (national numbering plan of the
Communications Regulatory Authority, as ITU-T publishes it).
"""

import re

from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.written_digits import without_separators

_WRITTEN = re.compile(r"(?:\+98|0098|98|0)?([1-9][0-9]{9})")
_CHARACTERS = re.compile(r"\+?[0-9]*")
_LANDLINE = re.compile(
    r"(?:1[137]|2[134568]|3[1458]|4[145]|5[1468]|6[16]|7[1467]|8[13467])"  # the 31 provinces
    r"[1-9][0-9]{7}"
)


def parse_mobile_number(text: str) -> str:
    """An Iranian mobile number as ``+989…``, 13 characters, from any usual writing.

    Raises:
        NumberFault: characters, length or prefix.
    """
    number = _national_number(text, NumberKind.MOBILE_NUMBER)
    if number[0] != "9":
        raise NumberFault(NumberKind.MOBILE_NUMBER, FaultReason.PREFIX)
    return f"+98{number}"


def parse_landline_number(text: str) -> str:
    """A landline number with its area code as ``+98…``, 13 characters; companies' short numbers are none.

    Raises:
        NumberFault: characters, length or prefix (no province has this area code, or the eight digits after
        it begin with 0).
    """
    number = _national_number(text, NumberKind.LANDLINE_NUMBER)
    if not _LANDLINE.fullmatch(number):
        raise NumberFault(NumberKind.LANDLINE_NUMBER, FaultReason.PREFIX)
    return f"+98{number}"


def domestic_number(number: str) -> str:
    """`number` as it is dialled within Iran, ``09…`` or ``021…``.

    Parameters:
        number: as the parsers give it.
    """
    return f"0{number.removeprefix('+98')}"


def _national_number(text: str, kind: NumberKind) -> str:
    written = without_separators(text, kind)
    if not _CHARACTERS.fullmatch(written):
        raise NumberFault(kind, FaultReason.CHARACTERS)
    match = _WRITTEN.fullmatch(written)
    if match is None:
        is_foreign = written.startswith("+") and not written.startswith("+98")
        raise NumberFault(kind, FaultReason.PREFIX if is_foreign else FaultReason.LENGTH)
    return match[1]
