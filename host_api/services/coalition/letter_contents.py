"""What one club can tell another; the same whether it is of this installation or of a foreign one."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.short_code import SHORT_CODE_PATTERN

Whole = Annotated[int, Field(strict=True, ge=0, le=9_000_000_000_000_000_000)]
Amount = Annotated[int, Field(strict=True, ge=1, le=LARGEST_AMOUNT)]
Purse = Annotated[int, Field(strict=True, ge=60, le=99)]
Code = Annotated[str, StringConstraints(pattern=SHORT_CODE_PATTERN)]
Reference = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,31}:[0-9]{1,12}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContractOffered(_Content):
    """A contract, as its writer sees it: `own` is the writer's."""

    kind: Literal["contract_offered"] = "contract_offered"
    code: Code
    own_purse: Purse
    partner_purse: Purse
    own_units: Amount
    partner_units: Amount
    rials: Amount
    valid_until: AwareDatetime | None


class ContractAnswered(_Content):
    """What became of an offered contract."""

    kind: Literal["contract_answered"] = "contract_answered"
    code: Code
    is_accepted: bool


class ContractEnded(_Content):
    """A contract is over."""

    kind: Literal["contract_ended"] = "contract_ended"
    code: Code


class LinkAsked(_Content):
    """A member has a code that the reader gave to one of its own; the code's SHA-256."""

    kind: Literal["link_asked"] = "link_asked"
    reference: Reference
    code_sha256: Digest


class LinkAnswered(_Content):
    """Whether the code was good."""

    kind: Literal["link_answered"] = "link_answered"
    reference: Reference
    is_made: bool


class LinkEnded(_Content):
    """A link is over."""

    kind: Literal["link_ended"] = "link_ended"
    reference: Reference


class ExchangeSent(_Content):
    """So many lots were taken from a member, and are to be given to them by the reader."""

    kind: Literal["exchange_sent"] = "exchange_sent"
    reference: Reference
    contract: Code
    link: Reference
    lots: Amount


class ExchangeDone(_Content):
    """They were given, at that instant."""

    kind: Literal["exchange_done"] = "exchange_done"
    reference: Reference
    at: AwareDatetime


class ExchangeRefused(_Content):
    """They were not given, and won't be."""

    kind: Literal["exchange_refused"] = "exchange_refused"
    reference: Reference
    reason: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,16}$")]


class StatementProposed(_Content):
    """The writer's statement from the last agreed one's end to `end`."""

    kind: Literal["statement_proposed"] = "statement_proposed"
    begin: AwareDatetime | None
    end: AwareDatetime
    digest: Digest


class StatementAnswered(_Content):
    """Whether the reader's books say the same."""

    kind: Literal["statement_answered"] = "statement_answered"
    end: AwareDatetime
    is_agreed: bool


Content = (
    ContractOffered
    | ContractAnswered
    | ContractEnded
    | LinkAsked
    | LinkAnswered
    | LinkEnded
    | ExchangeSent
    | ExchangeDone
    | ExchangeRefused
    | StatementProposed
    | StatementAnswered
)

CONTENT: TypeAdapter[Content] = TypeAdapter(Annotated[Content, Field(discriminator="kind")])
