"""Records of operators, as firmware/terminal/transactions/flows/operator.py reads them."""

import hashlib
import re
from enum import StrEnum
from typing import NamedTuple

ROUNDS = 1000
SALT_BYTES = 16
_NAME = re.compile(r"[0-9]{1,8}")
_PIN = re.compile(r"[0-9]{4,12}")


class Role(StrEnum):
    """What an operator may do."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"


class OperatorFault(Exception):  # noqa: N818  (not an error in the program)
    """A record can't be made; the text is for the operator."""


class Operator(NamedTuple):
    """Who: the number that is keyed in, and what it allows."""

    name: str
    role: Role


def read_operator(text: str) -> Operator:
    """An operator from NUMBER:ROLE. Raises OperatorFault."""
    name, _, role = text.partition(":")
    if not _NAME.fullmatch(name):
        raise OperatorFault(f"{text}: an operator's number has 1 to 8 digits")
    try:
        return Operator(name, Role(role))
    except ValueError:
        raise OperatorFault(f"{text}: the role is cashier or supervisor") from None


def check_operators(operators: list[Operator]) -> None:
    """Whether a shop can work with these. Raises OperatorFault."""
    if len({operator.name for operator in operators}) != len(operators):
        raise OperatorFault("an operator's number comes twice")
    if not any(operator.role is Role.SUPERVISOR for operator in operators):
        raise OperatorFault("without a supervisor nobody could close the day")


def operator_record(operator: Operator, pin: str, salt: bytes) -> dict[str, object]:
    """The record: PBKDF2 with HMAC-SHA-256 (RFC 8018 clause 5.2) of the PIN. Raises OperatorFault."""
    if not _PIN.fullmatch(pin):
        raise OperatorFault("a PIN has 4 to 12 digits")
    check = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, ROUNDS)
    return {
        "id": operator.name,
        "role": operator.role,
        "salt": salt.hex(),
        "check": check.hex(),
        "rounds": ROUNDS,
    }
