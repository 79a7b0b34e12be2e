"""The card application's names, numbers and records, as tables.

The commands are those of ISO/IEC 7816-4, short APDUs only. A change of a record's layout is a new version;
what reads a card refuses a version that it does not know.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum

VERSION = 1

# ISO/IEC 7816-5: an identifier of category F is proprietary and not registered.
APPLICATION_IDENTIFIER = b"\xf0VAFACARD"

# ISO/IEC 7816-4 table 2: 04 says that the command carries a check of its own form.
CLASS_PLAIN = 0x00
CLASS_SECURE = 0x04


class Instruction(IntEnum):
    """INS bytes (ISO/IEC 7816-4 table 4.2)."""

    SELECT = 0xA4
    READ_RECORD = 0xB2
    UPDATE_RECORD = 0xDC
    INTERNAL_AUTHENTICATE = 0x88
    EXTERNAL_AUTHENTICATE = 0x82
    PUT_DATA = 0xDA
    GET_RESPONSE = 0xC0


class Status(IntEnum):
    """Status words of the application (ISO/IEC 7816-4 table 5)."""

    DONE = 0x9000
    WRONG_PROOF = 0x63C0  # the low digit has the tries that are left
    WRONG_LENGTH = 0x6700
    NOT_AUTHENTICATED = 0x6982
    BLOCKED = 0x6983
    NOT_NOW = 0x6985
    WRONG_CHECK = 0x6988
    WRONG_DATA = 0x6A80
    NO_APPLICATION = 0x6A82
    NO_RECORD = 0x6A83
    WRONG_PLACE = 0x6A86
    WRONG_ANSWER_LENGTH = 0x6C00  # the low byte has the right one
    UNKNOWN_INSTRUCTION = 0x6D00
    UNKNOWN_CLASS = 0x6E00


SELECT_BY_NAME = 0x04
# The answer to SELECT: file control information with the name and, in its proprietary template, the version.
CONTROL_TAG = 0x6F
NAME_TAG = 0x84
PROPRIETARY_TAG = 0xA5
VERSION_TAG = 0xC0

IDENTITY_FILE = 1
BALANCE_FILE = 2
BALANCE_RECORDS = 2
# P2 of READ and UPDATE RECORD: the file, and that P1 is a record's number.
RECORD_NUMBER_IN_P1 = 0x04
# P1-P2 of PUT DATA at personalisation.
PERSONALISATION_OBJECT = 0x0100

CHALLENGE_BYTES = 16
SESSION_COUNTER_BYTES = 4
SESSION_COUNTER_MAXIMUM = 0xFFFFFFFF
CHECK_BYTES = 8
KEY_BYTES = 16
WRAPPED_KEY_BYTES = 24  # RFC 3394: eight bytes more than the key
PROOF_TRIES = 10

# What stands first in the input of a MAC or of a key derivation: none of these begins another.
ANSWER_LABEL = b"vafa card answer"
PROOF_LABEL = b"vafa card proof"
COMMAND_LABEL = b"vafa card command"
RESPONSE_LABEL = b"vafa card response"
ZONE_KEY_LABEL = b"vafa card zone"
CARD_KEY_LABEL = b"vafa card key"
BALANCE_KEY_LABEL = b"vafa card balance"
SESSION_KEY_LABEL = b"vafa card session"
WRAPPING_KEY_LABEL = b"vafa card wrapping"


class Form(Enum):
    """How a value stands in its bytes."""

    NUMBER = 0  # unsigned, big-endian
    DIGITS = 1  # BCD, zeros before it
    PADDED_DIGITS = 2  # BCD, F behind it


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a record. `digits` bounds a text: exactly so many, or for PADDED_DIGITS at most."""

    name: str
    size_bytes: int
    form: Form = Form.NUMBER
    digits: int = 0


IDENTITY = (
    Field("version", 1),
    Field("card_number", 10, Form.PADDED_DIGITS, 19),
    Field("card_sequence", 1),
    Field("member_number", 8),
    Field("expiry", 2, Form.DIGITS, 4),  # YYMM
    Field("key_zone", 2),
    Field("key_generation", 1),
)
BALANCE = (
    Field("version", 1),
    Field("counter", 4),
    Field("balance", 6),
    Field("limit", 6),
    Field("confirmed_on", 4, Form.DIGITS, 8),  # YYYYMMDD
    Field("account_type", 1, Form.DIGITS, 2),
    Field("currency", 2, Form.DIGITS, 3),
)
IDENTITY_BYTES = sum(field.size_bytes for field in IDENTITY)
BALANCE_BYTES = sum(field.size_bytes for field in BALANCE)
# As it lies on the card: the content and its MAC.
BALANCE_RECORD_BYTES = BALANCE_BYTES + CHECK_BYTES
CARD_NUMBER_SHORTEST = 8
# Of the identity: the card number and the card sequence, by which keys are diversified.
DIVERSIFIER = slice(1, 12)
