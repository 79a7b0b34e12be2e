"""Lines of the journal feed, which the switch writes and projections read.

One JSON object a line, positions strictly increasing. A reader that meets another version stops.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FEED_VERSION = 3

# Time of a lot that never expires, or that waits for an action to become available.
NEVER_S = (1 << 40) - 1

FileText = Literal["CARD", "MEMBER", "TERMINAL", "RULES"]
ActionText = Literal["1", "3"]
ReasonText = Literal[
    "earn",
    "spend",
    "reverse",
    "return",
    "expire",
    "transfer",
    "convert",
    "adjust",
    "load",
    "hold",
    "release",
    "cost",
]
StageText = Literal["posted", "pending", "post_pending", "void_pending"]
OrderOutcomeText = Literal["done", "begun", "failed"]
FateText = Literal["answered", "refused", "stored", "taken_back", "undoes", "discarded"]
GrantTypeText = Literal["earn", "item", "voucher", "ticket", "discount", "cost", "tender", "convert"]
GrantReasonText = Literal["granted", "rule_cap", "limit", "budget", "below_minimum", "over_budget", "bill"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Event(_Part):
    version: Literal[3] = 3
    position: int = Field(ge=1)
    at_ms: int = Field(ge=0, description="when the switch decided, epoch milliseconds")


class TransferLine(_Part):
    """One immutable double-entry movement; accounts as "member:12", "programme:liability", "merchant:M1"."""

    purse: str = Field(description="name of the purse, purse-NN where the rules no longer declare it")
    debit: str
    credit: str
    amount: int = Field(gt=0)
    reason: ReasonText
    stage: StageText
    rule: str = Field(description="the rule that decided it, empty for none")


class LotLine(_Part):
    """What is added to one lot of an account; what an account holds is the sum of its lots.

    Times are epoch seconds: the lot counts from `available_from_s` until before `expires_at_s`, NEVER_S is
    never. Debt has both times 0 and always counts.
    """

    account: str
    purse: str
    available_from_s: int = Field(ge=0)
    expires_at_s: int = Field(ge=0)
    delta: int


class GrantLine(_Part):
    """What one effect of one rule gave or took; in minor units for a discount, which has no purse."""

    rule: str
    version: int
    type: GrantTypeText
    purse: str | None
    beneficiary: str
    desired: int
    granted: int
    reason: GrantReasonText


class RecordLine(_Part):
    """A record that a transaction changed, as enrolment at the counter does."""

    file: FileText
    action: ActionText
    member_number: int | None
    card_reference: int | None


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
    discount: int
    tendered: int = Field(description="part of the bill paid from a purse, minor units")
    net_amount: int = Field(description="left to pay with money, minor units")
    currency: str
    response_code: str
    rule_table_version: int
    reverses: str | None = Field(description="RRN of the transaction that this one undoes")
    concerns: str | None = Field(description="RRN of the sale or hold that this one is about")
    hold_until_s: int | None = Field(description="when the hold of an authorisation ends, epoch seconds")
    line_count: int = Field(description="lines of the basket")
    grants: tuple[GrantLine, ...] = Field(description="none where a return or reversal gives grants back")
    transfers: tuple[TransferLine, ...]
    lots: tuple[LotLine, ...]
    records: tuple[RecordLine, ...]
    balances: dict[str, int] = Field(description="what the holder can spend afterwards, by purse")


class MaintenanceEvent(_Event):
    """What time itself moved: expired lots and holds."""

    kind: Literal["maintenance"] = "maintenance"
    transfers: tuple[TransferLine, ...]
    lots: tuple[LotLine, ...]
    released_holds: tuple[str, ...] = Field(description="RRNs of the authorisations whose holds ended")


class FileEvent(_Event):
    """A host changed a record of the switch's files."""

    kind: Literal["file"] = "file"
    file: FileText
    action: ActionText
    response_code: str


class RuleTableEvent(_Event):
    """Another rule table came into force."""

    kind: Literal["rule_table"] = "rule_table"
    table_version: int
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class CutOverEvent(_Event):
    """Another business day began."""

    kind: Literal["cut_over"] = "cut_over"
    business_date: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


class ReconciliationEvent(_Event):
    """A terminal told its totals of a business day, or uploaded transactions of one."""

    kind: Literal["reconciliation"] = "reconciliation"
    mti: str
    terminal_id: str
    merchant_id: str
    branch_number: int
    business_date: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    response_code: str
    settlement_code: str | None = Field(description="1 in balance, 2 out of balance, 3 error")
    uploaded: int = Field(description="transactions that came for the first time")
    differences: int


class ForwardedEvent(_Event):
    """A request for a partner's card, which the partner's switch decides; nothing moves here."""

    kind: Literal["forwarded"] = "forwarded"
    fate: FateText = Field(
        description="answered by the partner; refused undecided; stored, an advice that will reach it; "
        "taken_back, reversed there without having been approved; undoes, a terminal's reversal; discarded, "
        "an advice or reversal that the partner will never get"
    )
    mti: str
    processing_code: str
    terminal_id: str
    merchant_id: str
    branch_number: int
    stan: str
    transmitted_at: str = Field(description="field 7, MMDDhhmmss in UTC")
    amount: int
    currency: str
    response_code: str
    original_stan: str | None = Field(description="of the request that a reversal undoes")
    original_transmitted_at: str | None
    partner: str = Field(description="name of the link")
    partner_terminal_id: str
    partner_stan: str = Field(description="at the partner's; of a reversal that of what it undoes")
    partner_transmitted_at: str
    partner_rrn: str | None = Field(description="field 37 of the partner's reply")
    discount: int
    tendered: int
    net_amount: int
    voids_hold: bool


class OrderEvent(_Event):
    """A person ordered something at the switch's console."""

    kind: Literal["order"] = "order"
    person: str
    role: str
    order: str = Field(description="name of the action, as the console lists it")
    arguments: dict[str, str]
    outcome: OrderOutcomeText
    began: int | None = Field(description="position of the line with which it began")
    told: str = Field(description="what came of it, in a few words")


Event = (
    TransactionEvent
    | MaintenanceEvent
    | FileEvent
    | RuleTableEvent
    | CutOverEvent
    | ReconciliationEvent
    | ForwardedEvent
    | OrderEvent
)
FeedEvent = Annotated[Event, Field(discriminator="kind")]
FEED_EVENT: TypeAdapter[Event] = TypeAdapter(FeedEvent)
