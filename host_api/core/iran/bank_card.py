"""Bank card numbers (PAN, ISO/IEC 7812-1): 16 digits, the bank's prefix first, a Luhn digit last."""

from stdnum import luhn

from host_api.core.iran.banks import Bank, bank_of_card_prefix
from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.written_digits import exact_digits

_KIND = NumberKind.BANK_CARD_NUMBER


def parse_bank_card_number(text: str) -> str:
    """The 16 ASCII digits of a bank card. A prefix that isn't in our table is accepted: banks get new ones.

    Raises:
        NumberFault: characters, length, prefix, repeated or check_digit.
    """
    digits = exact_digits(text, 16, _KIND)
    if len(set(digits)) == 1:
        raise NumberFault(_KIND, FaultReason.REPEATED)
    if digits[0] == "0":  # ISO/TC 68's own, never a bank's card
        raise NumberFault(_KIND, FaultReason.PREFIX)
    if not luhn.is_valid(digits):
        raise NumberFault(_KIND, FaultReason.CHECK_DIGIT)
    return digits


def bank_of_card(number: str) -> Bank | None:
    """The bank that issued the card, None for one that isn't in our table.

    Parameters:
        number: as `parse_bank_card_number` gives it.
    """
    return bank_of_card_prefix(number[:6])
