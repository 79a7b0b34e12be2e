"""What a transaction does, by its message type and processing code."""

from enum import StrEnum

from protocol.dialect import PurseCode, TransactionType, is_debit_return, read_processing_code


class Operation(StrEnum):
    """What a transaction does."""

    PURCHASE = "purchase"
    POINTS_REDEMPTION = "points_redemption"
    CREDIT_REDEMPTION = "credit_redemption"
    REDEMPTION = "redemption"
    AUTHORISATION = "authorisation"
    RETURN = "return"
    LOAD = "load"
    ADJUSTMENT = "adjustment"
    DEBIT_RETURN = "debit_return"
    EVENT = "event"
    BALANCE_INQUIRY = "balance_inquiry"
    TRANSFER = "transfer"
    CONVERSION = "conversion"
    CARD_ACTIVATION = "card_activation"
    ENROLMENT = "enrolment"
    CARD_REPLACEMENT = "card_replacement"
    RELEASE = "release"
    REVERSAL = "reversal"
    OTHER = "other"


SALES = frozenset(
    {Operation.PURCHASE, Operation.POINTS_REDEMPTION, Operation.CREDIT_REDEMPTION, Operation.REDEMPTION}
)

_PURCHASES = {
    0: Operation.PURCHASE,
    PurseCode.POINTS: Operation.POINTS_REDEMPTION,
    PurseCode.CREDIT: Operation.CREDIT_REDEMPTION,
}
_OPERATIONS = {
    TransactionType.DEBIT_ADJUSTMENT: Operation.ADJUSTMENT,
    TransactionType.RETURN: Operation.RETURN,
    TransactionType.LOAD: Operation.LOAD,
    TransactionType.CREDIT_ADJUSTMENT: Operation.ADJUSTMENT,
    TransactionType.EVENT: Operation.EVENT,
    TransactionType.BALANCES: Operation.BALANCE_INQUIRY,
    TransactionType.TRANSFER: Operation.TRANSFER,
    TransactionType.CONVERSION: Operation.CONVERSION,
    TransactionType.CARD_ACTIVATION: Operation.CARD_ACTIVATION,
    TransactionType.ENROLMENT: Operation.ENROLMENT,
    TransactionType.CARD_REPLACEMENT: Operation.CARD_REPLACEMENT,
    TransactionType.RELEASE: Operation.RELEASE,
}


def operation_of(mti: str, processing_code: str) -> Operation:
    """The operation that a message with field 3 `processing_code` asks for."""
    if mti.startswith("04"):
        return Operation.REVERSAL
    processing = read_processing_code(processing_code)
    if processing is None:
        return Operation.OTHER
    if processing.type is TransactionType.PURCHASE:
        if mti.startswith("01"):
            return Operation.AUTHORISATION
        return _PURCHASES.get(processing.from_purse, Operation.REDEMPTION)
    if is_debit_return(processing_code):
        return Operation.DEBIT_RETURN
    return _OPERATIONS.get(processing.type, Operation.OTHER)
