"""The closed set of reasons for which a card is not accepted, or does not accept a terminal."""

from enum import StrEnum


class CardFaultCode(StrEnum):
    """Every way in which a card or its content can be refused."""

    NO_ANSWER = "no_answer"
    NO_APPLICATION = "no_application"
    UNKNOWN_VERSION = "unknown_version"
    BAD_RECORD = "bad_record"
    OTHER_ZONE = "other_zone"
    NOT_GENUINE = "not_genuine"
    TERMINAL_REFUSED = "terminal_refused"
    BLOCKED = "blocked"
    REFUSED = "refused"
    BAD_BALANCE = "bad_balance"
    UNCERTAIN = "uncertain"


class CardFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A card was refused; `code` says why, nothing of the card is in the text. May be logged as it is."""

    def __init__(self, code: CardFaultCode) -> None:
        self.code = code
        super().__init__(code.replace("_", " "))
