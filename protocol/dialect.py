"""Names of the bundled dialect's values: purses, processing codes, network codes, response codes, tags."""

from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple


class PurseCode(IntEnum):
    """Account types of the purses that this dialect knows by name; a rule set may declare others."""

    ITEMS = 90
    POINTS = 91
    CREDIT = 92
    COINS = 93
    WALLET = 94
    TIER_POINTS = 95
    GIFT = 96
    STAMPS = 97
    VOUCHERS = 98
    TICKETS = 99


class TransactionType(StrEnum):
    """First two digits of field 3 (ISO 8583:1987, annex A); 29, 49 and 9x are for private use."""

    PURCHASE = "00"
    DEBIT_ADJUSTMENT = "02"
    RETURN = "20"
    LOAD = "21"
    CREDIT_ADJUSTMENT = "22"
    EVENT = "29"
    AVAILABLE_FUNDS = "30"
    BALANCES = "31"
    WOULD_EARN = "39"
    TRANSFER = "40"
    CONVERSION = "49"
    CARD_ACTIVATION = "90"
    ENROLMENT = "91"
    CARD_REPLACEMENT = "92"
    RELEASE = "93"


class ProcessingCode(StrEnum):
    """Field 3 where it is always the same, or names one of the dialect's own purses."""

    PURCHASE = "000000"
    PURCHASE_FROM_POINTS = "009100"
    PURCHASE_FROM_CREDIT = "009200"
    PURCHASE_FROM_WALLET = "009400"
    PURCHASE_FROM_GIFT = "009600"
    RETURN = "200000"
    EVENT = "290000"
    AVAILABLE_FUNDS = "300000"
    BALANCE_INQUIRY = "310000"
    WOULD_EARN = "390000"
    CARD_ACTIVATION = "900000"
    ENROLMENT = "910000"
    CARD_REPLACEMENT = "920000"
    RELEASE = "930000"


class Processing(NamedTuple):
    """Field 3 taken apart; a purse is its account type, 0 where none is named."""

    type: TransactionType
    from_purse: int
    to_purse: int

    def __str__(self) -> str:
        return f"{self.type.value}{self.from_purse:02d}{self.to_purse:02d}"


_NONE = frozenset({(False, False)})
_FROM = frozenset({(True, False)})
_TO = frozenset({(False, True)})
_BOTH = frozenset({(True, True)})
# Which of the two purses, from and to, each type names; the others name none.
_PURSES_NAMED = {
    TransactionType.PURCHASE: _NONE | _FROM,
    TransactionType.DEBIT_ADJUSTMENT: _FROM,
    TransactionType.RETURN: _NONE | _TO,
    TransactionType.LOAD: _TO,
    TransactionType.CREDIT_ADJUSTMENT: _TO,
    TransactionType.TRANSFER: _BOTH,
    TransactionType.CONVERSION: _BOTH,
}


def purchase_from(purse: int) -> str:
    """Field 3 of a purchase paid from a purse."""
    return str(Processing(TransactionType.PURCHASE, purse, 0))


def debit_adjustment_of(purse: int) -> str:
    """Field 3 of an adjustment that takes from a purse."""
    return str(Processing(TransactionType.DEBIT_ADJUSTMENT, purse, 0))


def credit_adjustment_of(purse: int) -> str:
    """Field 3 of an adjustment that gives to a purse."""
    return str(Processing(TransactionType.CREDIT_ADJUSTMENT, 0, purse))


def debit_return_of(purse: int) -> str:
    """Field 3 of giving back what an adjustment took from a purse."""
    return str(Processing(TransactionType.RETURN, 0, purse))


def load_of(purse: int) -> str:
    """Field 3 of loading stored value into a purse."""
    return str(Processing(TransactionType.LOAD, 0, purse))


def transfer_of(purse: int) -> str:
    """Field 3 of a transfer from member to member."""
    return str(Processing(TransactionType.TRANSFER, purse, purse))


def conversion_of(from_purse: int, to_purse: int) -> str:
    """Field 3 of a conversion between two purses of a member."""
    return str(Processing(TransactionType.CONVERSION, from_purse, to_purse))


def is_debit_return(processing_code: str) -> bool:
    """Whether field 3 gives units of a purse back that an adjustment took; a return of a sale is in money."""
    return processing_code[:2] == TransactionType.RETURN.value and processing_code[2:] != "0000"


def purse_of(processing_code: str) -> int:
    """The purse that field 3 names (of a conversion the one it takes from), 0 where it names none."""
    parts = read_processing_code(processing_code)
    return (parts.from_purse or parts.to_purse) if parts else 0


@lru_cache(maxsize=256)
def read_processing_code(text: str) -> Processing | None:
    """Field 3 taken apart; None where it is none of this dialect. Whether its purses exist is not judged."""
    if len(text) != 6 or not (text.isascii() and text.isdecimal()) or text[:2] not in tuple(TransactionType):
        return None
    found = Processing(TransactionType(text[:2]), int(text[2:4]), int(text[4:]))
    named = (found.from_purse != 0, found.to_purse != 0)
    if named not in _PURSES_NAMED.get(found.type, _NONE):
        return None
    same = found.from_purse == found.to_purse
    if (found.type is TransactionType.TRANSFER and not same) or (
        found.type is TransactionType.CONVERSION and same
    ):
        return None
    return found


class NetworkCode(StrEnum):
    """Field 70."""

    SIGN_ON = "001"
    SIGN_OFF = "002"
    KEY_CHANGE = "101"
    CUT_OVER = "201"
    ECHO = "301"


class SettlementCode(StrEnum):
    """Field 66."""

    IN_BALANCE = "1"
    OUT_OF_BALANCE = "2"
    ERROR = "3"


class FileUpdateCode(StrEnum):
    """Field 91."""

    ADD_OR_REPLACE = "1"
    DELETE = "3"
    INQUIRE = "5"


class FileName(StrEnum):
    """Field 101."""

    CARD = "CARD"
    MEMBER = "MEMBER"
    TERMINAL = "TERMINAL"
    RULES = "RULES"
    FIRMWARE = "FIRMWARE"
    PARAMETERS = "PARAMETERS"
    OFFLINE = "OFFLINE"


class EntryMode(StrEnum):
    """Field 22: how the card was read; the last digit says that the terminal can take a PIN."""

    KEYED = "011"
    STRIPE = "021"
    BARCODE = "031"
    CHIP = "051"
    CONTACTLESS = "071"


class ResponseCode(StrEnum):
    """Field 39."""

    APPROVED = "00"
    INVALID_MERCHANT = "03"
    DO_NOT_HONOUR = "05"
    INVALID_TRANSACTION = "12"
    INVALID_AMOUNT = "13"
    INVALID_CARD_NUMBER = "14"
    NO_ACTION_TAKEN = "21"
    RECORD_NOT_FOUND = "25"
    RECORD_REPLACED = "26"
    FILE_FIELD_EDIT_ERROR = "27"
    FILE_LOCKED = "28"
    FILE_NOT_UPDATED = "29"
    FORMAT_ERROR = "30"
    INSUFFICIENT_FUNDS = "51"
    EXPIRED_CARD = "54"
    INCORRECT_PIN = "55"
    NOT_PERMITTED_TO_CARDHOLDER = "57"
    NOT_PERMITTED_TO_TERMINAL = "58"
    EXCEEDS_LIMIT = "61"
    RESTRICTED_CARD = "62"
    SECURITY_VIOLATION = "63"
    EXCEEDS_FREQUENCY = "65"
    RESPONSE_TOO_LATE = "68"
    PIN_REQUIRED = "70"
    PIN_TRIES_EXCEEDED = "75"
    CARD_NOT_ACTIVE = "78"
    SWITCH_INOPERATIVE = "91"
    DUPLICATE_TRANSMISSION = "94"
    RECONCILE_ERROR = "95"
    SYSTEM_MALFUNCTION = "96"


class Tag(StrEnum):
    """Tags of fields 48 and 120."""

    POINTS_EARNED = "DF01"
    CREDIT_EARNED = "DF02"
    POINTS_SPENT = "DF03"
    CREDIT_SPENT = "DF04"
    MEMBER_NAME = "DF05"
    MEMBER_TIER = "DF06"
    RULE_TABLE_VERSION = "DF07"
    MEMBER_TEXT_FA = "DF08"
    MEMBER_TEXT_EN = "DF09"
    FIRMWARE = "DF0A"
    SWITCH_TIME = "DF0B"
    TENDER_AMOUNT = "DF0C"
    TENDER_UNITS = "DF0D"
    ORIGINAL_RRN = "DF0E"
    REWARD = "DF0F"
    BASKET = "DF10"
    CODE = "DF11"
    OPERATOR = "DF12"
    CHANNEL = "DF13"
    METRICS = "DF14"
    EVENT = "DF15"
    REASON = "DF16"
    OTHER_MEMBER = "DF17"
    NEW_CARD = "DF18"
    PHONE = "DF19"
    NET_AMOUNT = "DF1A"
    REFUND_AMOUNT = "DF1B"
    DISCOUNT_AMOUNT = "DF1C"
    COULD_SPEND = "DF1D"
    GRANTS = "DF1E"
    POINTS_PENDING = "DF1F"
    MEMBER_NUMBER = "DF20"
    STATUS = "DF21"
    RECORD_MERCHANT_ID = "DF22"
    BRANCH_NUMBER = "DF23"
    CARD_TYPE = "DF24"
    KEY_GENERATION = "DF25"
    LINK_ROLE = "DF26"
    SUBJECT_TERMINAL_ID = "DF28"
    CARD_REFERENCE = "DF29"
    SESSION_COUNTER = "DF30"
    KEY_CHECK_VALUE = "DF31"
    REFUND_UNITS = "DF32"
    ITEMS = "DF33"
    PIN_BLOCK = "DF34"
    UPLOAD_RECORDS = "DF35"
    UPLOAD_COUNT = "DF36"
    DIFFERENCE_COUNT = "DF37"
    DAY_FIRST_RRN = "DF38"
    DAY_LAST_RRN = "DF39"
    GROUP = "DF40"
    ORGANISATION = "DF41"
    SEGMENTS = "DF42"
    AGREEMENTS = "DF43"
    ENROLLED_ON = "DF44"
    BORN_ON = "DF45"
    INTRODUCER = "DF46"
    INTRODUCED_UNTIL = "DF47"
    HOUSEHOLD = "DF48"
    RISK_CLASS = "DF49"
    CLUB_LEVEL = "DF4A"
    ENROL_CHANNEL = "DF4B"
    GUILD = "DF4D"
    SECTOR = "DF4E"
    CITY = "DF4F"
    EXPIRES_ON = "DF50"
    PIN_CHECK = "DF51"
    RULES_PART = "DF52"
    RULES_PART_NUMBER = "DF53"
    RULES_PARTS = "DF54"
    RULES_DIGEST = "DF55"
    RULES_EXPECTED_VERSION = "DF56"
    FILE_OFFSET = "DF57"
    FILE_BYTES = "DF58"
    FILE_PART = "DF59"
    FILE_DIGEST = "DF5A"
    FILE_VARIANT = "DF5B"
    HEALTH = "DF5C"
    ORIGINAL_DAY = "DF5D"
    PIN_KEY_SERIAL = "DF5E"
    VALID_DAYS = "DF5F"


IRR = "364"  # ISO 4217; this dialect counts whole rials, as no smaller coin exists
NO_CURRENCY = "999"  # ISO 4217 XXX: points are no currency
AVAILABLE_BALANCE = "02"  # amount type in field 54
