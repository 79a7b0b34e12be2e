"""Roles of operators, and what each may do at a terminal."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an operator is there for."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"


class TerminalRole(StrEnum):
    """The roles that a terminal knows."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"


# A manager is a supervisor at the terminal; what else he may do he does in the back office, as a user.
AT_TERMINAL: Final = {
    Role.CASHIER: TerminalRole.CASHIER,
    Role.SUPERVISOR: TerminalRole.SUPERVISOR,
    Role.MANAGER: TerminalRole.SUPERVISOR,
}
ROLE_TITLES: Final = {
    Role.CASHIER: ("Cashier", "صندوقدار"),
    Role.SUPERVISOR: ("Supervisor", "سرپرست"),
    Role.MANAGER: ("Manager", "مدیر"),
}

# The terminal's own names of what needs somebody who has logged in.
_OF_CASHIERS: Final = (
    "purchase",
    "redemption",
    "balance",
    "points_payment",
    "would_earn",
    "could_spend",
    "forgotten_card",
    "void",
    "gift_activation",
    "load",
    "issue",
    "enrolment",
    "reprint",
    "self_test",
)
_OF_SUPERVISORS: Final = ("return", "replacement", "settlement", "refused_sales", "parameters", "keys")
MAY_DO: Final = {
    TerminalRole.CASHIER: _OF_CASHIERS,
    TerminalRole.SUPERVISOR: (*_OF_CASHIERS, *_OF_SUPERVISORS),
}
