"""Where contracts, payments and corrections stand, and the accounts and entries of a contract's ledger."""

from enum import StrEnum


class CreditContractState(StrEnum):
    """States of a contract.

    KEPT waits for the shop's payment, ASKED for a second person. GIVING waits for the switch, GIVEN for the
    journal to show what it gave; FAILED was refused by the switch and can be given again. IN_FORCE until
    nothing is open or owed any more: SETTLED.
    """

    KEPT = "kept"
    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    GIVING = "giving"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    GIVEN = "given"
    IN_FORCE = "in_force"
    SETTLED = "settled"


class CreditPaymentState(StrEnum):
    """States of a payment. UNRETURNED could not give back what no debt took, and wants a person."""

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    DEBITING = "debiting"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    APPLIED = "applied"
    RETURNING = "returning"
    UNRETURNED = "unreturned"


class CreditCorrectionState(StrEnum):
    """States of a correction."""

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    DONE = "done"


class CreditAccount(StrEnum):
    """Accounts of a contract: a debit adds. All of them together are zero.

    OPEN can still be used, PRINCIPAL to LATE are owed, PAID came in, CLUB is the other side of all of them.
    """

    OPEN = "open"
    PRINCIPAL = "principal"
    INTEREST = "interest"
    COST = "cost"
    LATE = "late"
    PAID = "paid"
    CLUB = "club"


class CreditEntryKind(StrEnum):
    """What an entry is for. UNDONE takes back what a reversed transaction has posted."""

    GRANTED = "granted"
    COST = "cost"
    DRAWN = "drawn"
    RETURNED = "returned"
    UNDONE = "undone"
    LAPSED = "lapsed"
    INTEREST = "interest"
    DISCOUNT = "discount"
    LATE = "late"
    PAID = "paid"
    CORRECTED = "corrected"
