"""What the switch's ledger holds in sum, as its operations port tells it: ``GET /totals``."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TOTALS_VERSION = 1

HolderText = Literal["member", "household", "gift_card"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HolderTotal(_Part):
    """One purse over all accounts of a kind of holder."""

    holder: HolderText = Field(description="what stands before the colon in the feed's accounts")
    purse: str = Field(description="as the feed names it")
    amount: int = Field(description="sum of all lots: pending, expired but not posted, and debt among them")


class LedgerTotals(_Part):
    """All sums, true when the entry at `position` had been applied and nothing behind it."""

    version: Literal[1] = 1
    position: int = Field(ge=0)
    totals: tuple[HolderTotal, ...] = Field(description="by holder and purse; none where all is zero")
