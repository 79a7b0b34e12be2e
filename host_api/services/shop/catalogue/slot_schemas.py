"""What the shop's catalogue takes and gives of times that can be reserved."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator


class ShopSlotCreate(BaseModel):
    """A time that can be reserved."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "starts_at": "2027-03-21T16:00:00+03:30",
                "ends_at": "2027-03-21T18:00:00+03:30",
                "capacity": 20,
            }
        },
    )

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: int = Field(ge=1, le=100_000)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "ShopSlotCreate":
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at comes after starts_at")
        return self


class ShopSlotChange(BaseModel):
    """How many places a time has."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"capacity": 30}})

    capacity: int = Field(ge=0, le=100_000, description="Not fewer than are booked.")


class ShopSlotRead(BaseModel):
    """A time that can be reserved, and how many places are taken."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 3,
                "item_id": 5,
                "starts_at": "2027-03-21T12:30:00Z",
                "ends_at": "2027-03-21T14:30:00Z",
                "capacity": 20,
                "booked": 4,
            }
        },
    )

    id: int
    item_id: int
    starts_at: datetime
    ends_at: datetime
    capacity: int
    booked: int
