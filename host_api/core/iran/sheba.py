"""Sheba (شبا), Iran's IBAN: IR, two check digits, three digits of the bank, nineteen of the account.

ISO 13616-1 with check digits by ISO/IEC 7064, MOD 97-10; the structure is the Central Bank's (1388/2009).
"""

from stdnum.iso7064 import mod_97_10

from host_api.core.iran.banks import Bank, bank_of_code
from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.written_digits import exact_digits, without_separators

_KIND = NumberKind.SHEBA
_COUNTRY = "IR"


def parse_sheba(text: str) -> str:
    """A Sheba as IR and 24 ASCII digits; the IR may be left out or written small.

    A bank that isn't in our table is accepted: the check digits say more than a table that grows old.

    Raises:
        NumberFault: characters, length or check_digit.
    """
    written = without_separators(text, _KIND)
    digits = exact_digits(written[2:] if written[:2].upper() == _COUNTRY else written, 24, _KIND)
    # Two other pairs of digits would pass MOD 97-10 as well; ISO 13616-1 gives check digits from 02 to 98.
    if not 2 <= int(digits[:2]) <= 98 or not mod_97_10.is_valid(digits[2:] + _COUNTRY + digits[:2]):
        raise NumberFault(_KIND, FaultReason.CHECK_DIGIT)
    return _COUNTRY + digits


def bank_of_sheba(sheba: str) -> Bank | None:
    """The bank that keeps the account, None for one that isn't in our table.

    Parameters:
        sheba: as `parse_sheba` gives it.
    """
    return bank_of_code(sheba[4:7])


def grouped_sheba(sheba: str) -> str:
    """`sheba` in groups of four, the printed form of ISO 13616-1."""
    return " ".join(sheba[place : place + 4] for place in range(0, len(sheba), 4))
