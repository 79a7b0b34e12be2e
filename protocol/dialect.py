"""Names of the bundled dialect's values: processing codes, accounts, network codes, response codes, tags."""

from enum import StrEnum


class ProcessingCode(StrEnum):
    """Field 3: transaction type and from-account; account types 9x are for private use (ISO 8583:1987)."""

    PURCHASE = "000000"
    PURCHASE_FROM_POINTS = "009100"
    PURCHASE_FROM_CREDIT = "009200"
    BALANCE_INQUIRY = "310000"


class NetworkCode(StrEnum):
    """Field 70."""

    SIGN_ON = "001"
    SIGN_OFF = "002"
    KEY_CHANGE = "101"
    ECHO = "301"


class FileUpdateCode(StrEnum):
    """Field 91."""

    ADD_OR_REPLACE = "1"
    DELETE = "3"


class FileName(StrEnum):
    """Field 101."""

    CARD = "CARD"
    MEMBER = "MEMBER"
    TERMINAL = "TERMINAL"


class EntryMode(StrEnum):
    """Field 22: how the card was read, and that no PIN can be entered."""

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
    FORMAT_ERROR = "30"
    INSUFFICIENT_FUNDS = "51"
    EXPIRED_CARD = "54"
    NOT_PERMITTED_TO_CARDHOLDER = "57"
    NOT_PERMITTED_TO_TERMINAL = "58"
    EXCEEDS_LIMIT = "61"
    RESTRICTED_CARD = "62"
    SECURITY_VIOLATION = "63"
    RESPONSE_TOO_LATE = "68"
    SWITCH_INOPERATIVE = "91"
    DUPLICATE_TRANSMISSION = "94"
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


IRR = "364"  # ISO 4217; this dialect counts whole rials, as no smaller coin exists
NO_CURRENCY = "999"  # ISO 4217 XXX: points are no currency
AVAILABLE_BALANCE = "02"  # amount type in field 54
