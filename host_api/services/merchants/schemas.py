"""What the merchants service takes and gives."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.name_type import kept_name

Name = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
City = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]


class MerchantCreate(BaseModel):
    """A new merchant."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"merchant_id": "SHOP01", "name": "فروشگاه نمونه"}}
    )

    merchant_id: str | None = Field(
        default=None,
        pattern=r"^[A-Z0-9]{1,15}$",
        description="Card acceptor id as terminals send it in field 42; left out, the club gives one.",
    )
    name: Name


class MerchantRead(BaseModel):
    """A business that accepts the club's cards."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "merchant_id": "SHOP01",
                "name": "فروشگاه نمونه",
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    merchant_id: str = Field(description="Card acceptor id, field 42.")
    name: str
    created_at: datetime


class BranchCreate(BaseModel):
    """A new branch of a merchant."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "شعبهٔ ولیعصر", "city": "تهران"}}
    )

    name: Name
    city: City | None = None


class BranchRead(BaseModel):
    """A place where terminals stand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "merchant": 3,
                "merchant_id": "SHOP01",
                "branch_number": 1,
                "name": "شعبهٔ ولیعصر",
                "city": "تهران",
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    merchant_id: str = Field(description="Card acceptor id of the merchant.")
    branch_number: int = Field(description="Number within the merchant, from 1.")
    name: str
    city: str | None
    created_at: datetime
