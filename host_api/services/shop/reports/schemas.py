"""What the shop's reports give."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator


class ReportQuery(BaseModel):
    """Of which time a report tells."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime = Field(description="From this instant on.")
    until: AwareDatetime = Field(description="Before this instant.")

    @model_validator(mode="after")
    def _until_comes_after(self) -> "ReportQuery":
        if self.until <= self.since:
            raise ValueError("until comes after since")
        return self


class DonationTotal(BaseModel):
    """What was given to one account from one purse."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"charity": "محک", "purse": 91, "donations": 3, "members": 2, "units": 700, "cost": 0}
        }
    )

    charity: str
    purse: int
    donations: int = Field(description="Lines of orders.")
    members: int
    units: int
    cost: int = Field(description="Rial that the club owes the account for them.")


class DonationReport(BaseModel):
    """Donations by account."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z", "accounts": []}
        }
    )

    since: datetime
    until: datetime
    accounts: list[DonationTotal]


class SupplierTotal(BaseModel):
    """What the club owes a supplier for one item at one cost."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "supplier": "چینی زرین",
                "item_id": 5,
                "cost": 900000,
                "sold": 4,
                "taken_back": 1,
                "owed": 2700000,
            }
        }
    )

    supplier: str
    item_id: int
    cost: int = Field(description="Rial for one.")
    sold: int = Field(description="Accepted in this time.")
    taken_back: int = Field(description="Cancelled or returned in this time, whenever it was sold.")
    owed: int = Field(description="Rial; below zero where more came back than was sold.")


class SupplierSettlementReport(BaseModel):
    """What the club owes suppliers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z", "items": []}
        }
    )

    since: datetime
    until: datetime
    items: list[SupplierTotal]
