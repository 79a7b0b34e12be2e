"""What `vafa up --once --json` prints."""

from pydantic import BaseModel, ConfigDict

from simulator.virtual_terminal import TransactionResult


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Terminal(_Part):
    """The VM that ran the firmware, as it said itself, and its heap."""

    vm: str
    heap_limit_bytes: int
    heap_peak_bytes: int


class Transaction(_Part):
    """One transaction as the terminal saw it; `elapsed_ms` runs from the swipe to the cut receipt."""

    mti_request: str
    mti_response: str
    response_code: str
    stan: str
    rrn: str
    amount: int
    points_earned: int
    credit_earned: int
    points_spent: int
    points_balance: int
    elapsed_ms: float
    receipt: list[str]

    @classmethod
    def of(cls, result: TransactionResult) -> "Transaction":
        """The part of a terminal's result that is told."""
        values = {name: getattr(result, name) for name in cls.model_fields if name != "elapsed_ms"}
        return cls.model_validate({**values, "elapsed_ms": round(result.elapsed_ms, 1)})


class Journal(_Part):
    """The switch's journal after it was closed."""

    entries: int
    verified: bool


class Projection(_Part):
    """The host API's view of the same journal."""

    transactions: int


class Outcome(_Part):
    """Everything that one run did."""

    terminal: Terminal
    sale: Transaction
    redemption: Transaction
    journal: Journal
    projection: Projection
