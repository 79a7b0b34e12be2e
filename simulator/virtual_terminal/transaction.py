"""What became of one transaction, as the terminal's diagnostics and its receipt tell."""

from collections.abc import Mapping
from dataclasses import dataclass

Event = dict[str, object]


@dataclass(frozen=True, slots=True)
class TransactionResult:
    """One transaction as the terminal saw it. Amounts in rial. `elapsed_ms`: from swipe to the cut receipt.

    Without an answer in time the response fields are empty, and so is the receipt.
    """

    mti_request: str
    mti_response: str
    response_code: str
    stan: str
    rrn: str
    amount: int
    points_earned: int
    credit_earned: int
    points_spent: int
    credit_spent: int
    points_balance: int
    credit_balance: int
    elapsed_ms: float
    receipt: list[str]

    @property
    def approved(self) -> bool:
        """Whether the switch approved."""
        return self.response_code == "00"


def number_in(event: Mapping[str, object], name: str) -> int:
    """A number of an event; 0 where it has none of that name."""
    value = event.get(name, 0)
    return value if isinstance(value, int) else 0


def result_of(event: Event, amount: int | None, elapsed_ms: float, slip: list[str]) -> TransactionResult:
    """The result that an event `transaction` or `no_answer` tells."""
    return TransactionResult(
        mti_request=str(event.get("mti_request", "")),
        mti_response=str(event.get("mti_response", "")),
        response_code=str(event.get("response_code", "")),
        stan=str(event.get("stan", "")),
        rrn=str(event.get("rrn", "")),
        amount=amount or 0,
        points_earned=number_in(event, "points_earned"),
        credit_earned=number_in(event, "credit_earned"),
        points_spent=number_in(event, "points_spent"),
        credit_spent=number_in(event, "credit_spent"),
        points_balance=number_in(event, "points_balance"),
        credit_balance=number_in(event, "credit_balance"),
        elapsed_ms=elapsed_ms,
        receipt=slip,
    )
