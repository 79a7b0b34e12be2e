"""The closed sets of label values. Counters have no others, so the number of time series is bounded."""

from enum import IntEnum
from typing import Final, NamedTuple

from protocol.dialect import ResponseCode, TransactionType


class RequestType(IntEnum):
    """What a request asks for, numbered from 0: by message class, and within classes 1 and 2 by field 3."""

    PURCHASE = 0
    HOLD = 1
    ADVICE = 2
    RETURN = 3
    LOAD = 4
    EVENT = 5
    DEBIT_ADJUSTMENT = 6
    CREDIT_ADJUSTMENT = 7
    TRANSFER = 8
    CONVERSION = 9
    RELEASE = 10
    CARD_ACTIVATION = 11
    ENROLMENT = 12
    CARD_REPLACEMENT = 13
    AVAILABLE_FUNDS = 14
    BALANCES = 15
    WOULD_EARN = 16
    REVERSAL = 17
    FILE_ACTION = 18
    RECONCILIATION = 19
    NETWORK_MANAGEMENT = 20
    OTHER = 21


class Step(IntEnum):
    """What takes time, numbered from 0.

    DECODE: bytes to a request whose MAC is checked. DECIDE: rules and postings. COMMIT: writing a batch until
    it is durable, of which SYNC is the fdatasync. REQUEST: from the arrival of a frame to the writing of its
    reply.
    """

    DECODE = 0
    DECIDE = 1
    COMMIT = 2
    SYNC = 3
    REQUEST = 4


class Label(NamedTuple):
    """A label; without `values` its values come from where they are measured, as names of links do.

    `meaning` tells what such a value is.
    """

    name: str
    values: tuple[str, ...] = ()
    meaning: str = ""


INQUIRIES: Final = (RequestType.AVAILABLE_FUNDS, RequestType.BALANCES, RequestType.WOULD_EARN)

_OTHER_CODE = "other"
_CODES = (*[code.value for code in ResponseCode], _OTHER_CODE)
CODE_COUNT: Final = len(_CODES)
_CODE_NUMBERS = {code: number for number, code in enumerate(_CODES)}
APPROVED_NUMBER: Final = _CODE_NUMBERS[ResponseCode.APPROVED.value]

TYPE_LABEL: Final = Label("type", tuple(kind.name.lower() for kind in RequestType))
CODE_LABEL: Final = Label("code", _CODES, "response code, field 39; `other` for one of no table")
STEP_LABEL: Final = Label("step", tuple(step.name.lower() for step in Step))
LINK_LABEL: Final = Label("link", meaning="a link's name in the settings")
CONNECTION_PHASE_LABEL: Final = Label("phase", ("connected", "signed_on", "draining", "closed"))
DIAL_PHASE_LABEL: Final = Label("phase", ("resting", "connecting", "up", "stopped"))
PARTNER_PHASE_LABEL: Final = Label("phase", ("down", "connecting", "signing_on", "up", "draining", "stopped"))
MESSAGE_OUTCOME_LABEL: Final = Label("outcome", ("answered", "refused", "ignored", "lost"))
ECHO_OUTCOME_LABEL: Final = Label("outcome", ("sent", "answered"))
FORWARDED_OUTCOME_LABEL: Final = Label(
    "outcome", ("answered", "refused", "taken_back", "expired", "stored", "repeated", "conflicting")
)
PARTNER_OUTCOME_LABEL: Final = Label(
    "outcome", ("sent", "answered", "timed_out", "late", "lost", "unmatched", "unreadable")
)
STORED_OUTCOME_LABEL: Final = Label(
    "outcome", ("queued", "delivered", "retried", "buried", "revived", "discarded")
)
CANDIDATE_OUTCOME_LABEL: Final = Label("outcome", ("evaluated", "different", "failed"))
DIGEST_LABEL: Final = Label("digest", meaning="digest of the rule table in force")
LEVEL_LABEL: Final = Label("level", ("debug", "info", "warning", "error", "critical"))
READER_LABEL: Final = Label("reader", meaning="the name that a reader of the feed gives")
SEVERITY_LABEL: Final = Label("severity", ("notice", "warning", "critical"))

_OF_CLASS = {
    "3": RequestType.FILE_ACTION,
    "4": RequestType.REVERSAL,
    "5": RequestType.RECONCILIATION,
    "8": RequestType.NETWORK_MANAGEMENT,
}
_OF_PROCESSING_CODE = {kind.value: RequestType[kind.name] for kind in TransactionType}


def request_type(mti: str, processing_code: object) -> RequestType:
    """Type of a request by its message type and what it has in field 3, OTHER for what no table knows."""
    message_class = mti[1:2]
    if message_class not in ("1", "2"):
        return _OF_CLASS.get(message_class, RequestType.OTHER)
    text = processing_code[:2] if isinstance(processing_code, str) else ""
    found = _OF_PROCESSING_CODE.get(text, RequestType.OTHER)
    if found is RequestType.PURCHASE and message_class == "1":
        return RequestType.HOLD
    return RequestType.ADVICE if found is RequestType.PURCHASE and mti[2:3] == "2" else found


def code_number(response_code: str) -> int:
    """Place of a response code in its label; codes of no table share the last place."""
    return _CODE_NUMBERS.get(response_code, CODE_COUNT - 1)


def code_name(response_code: str) -> str:
    """A response code as its label has it."""
    return _CODES[code_number(response_code)]
