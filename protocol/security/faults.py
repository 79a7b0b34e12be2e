"""The closed set of refusals of the security layer.

A fault tells its code alone: no key, PIN or account number is ever in its text, and none hangs on it as a
cause.
"""

from enum import StrEnum


class SecurityFaultCode(StrEnum):
    """Every way in which keys or what they protect can be refused."""

    BAD_KEY = "bad_key"
    BAD_KEY_SERIAL_NUMBER = "bad_key_serial_number"
    KEYS_EXHAUSTED = "keys_exhausted"
    BAD_PIN = "bad_pin"
    BAD_ACCOUNT_NUMBER = "bad_account_number"
    PIN_BLOCK_REFUSED = "pin_block_refused"
    BAD_KEY_BLOCK = "bad_key_block"
    KEY_BLOCK_REFUSED = "key_block_refused"
    BAD_SESSION_COUNTER = "bad_session_counter"
    KEY_CHECK_FAILED = "key_check_failed"
    BAD_KEY_EXCHANGE = "bad_key_exchange"


class SecurityFault(Exception):  # noqa: N818  (a fault is the field's word)
    """Keys, a PIN block or a key block were refused; `code` says why. May be logged as it is."""

    def __init__(self, code: SecurityFaultCode) -> None:
        self.code = code
        super().__init__(code.replace("_", " "))
