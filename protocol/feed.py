"""Lines of the journal feed, which the switch writes and projections read.

One JSON object a line, positions strictly increasing. A reader that meets another version stops.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FEED_VERSION = 1

Purse = Literal["points", "credit"]


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    position: int = Field(ge=1)
    at_ms: int = Field(ge=0, description="when the switch decided, epoch milliseconds")


class TransferLine(BaseModel):
    """One immutable double-entry movement; accounts as "member:12", "programme:liability", "merchant:M1"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purse: Purse
    debit: str
    credit: str
    amount: int = Field(gt=0)
    reason: Literal["earn", "spend", "reverse"]
    rule: str


class TransactionEvent(_Event):
    """A financial request and what the switch decided, approved or not."""

    kind: Literal["transaction"] = "transaction"
    mti: str
    processing_code: str
    terminal_id: str
    merchant_id: str
    branch_number: int
    stan: str
    transmitted_at: str = Field(description="field 7, MMDDhhmmss in UTC")
    rrn: str
    card_reference: int | None
    member_number: int | None
    amount: int
    currency: str
    response_code: str
    rule_table_version: int
    reverses: str | None = Field(description="RRN of the transaction that this one undoes")
    transfers: tuple[TransferLine, ...]
    balances: dict[Purse, int] = Field(description="the member's balances afterwards; empty without a member")


class FileEvent(_Event):
    """A record of the switch's files changed."""

    kind: Literal["file"] = "file"
    file: Literal["CARD", "MEMBER", "TERMINAL"]
    action: Literal["1", "3"]
    response_code: str


class RuleTableEvent(_Event):
    """Another rule table came into force."""

    kind: Literal["rule_table"] = "rule_table"
    table_version: int
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


FeedEvent = Annotated[TransactionEvent | FileEvent | RuleTableEvent, Field(discriminator="kind")]
FEED_EVENT: TypeAdapter[TransactionEvent | FileEvent | RuleTableEvent] = TypeAdapter(FeedEvent)
