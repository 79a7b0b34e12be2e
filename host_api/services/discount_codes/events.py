"""What the discount codes service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.core.short_code import ShortCode


class PoolLow(BaseModel):
    """A pool has fewer free codes than it should have."""

    model_config = ConfigDict(json_schema_extra={"example": {"pool_id": 3, "code": "CINEMA-20", "free": 49}})

    pool_id: int
    code: ShortCode
    free: int


class CodeTaken(BaseModel):
    """A member was given a code."""

    model_config = ConfigDict(json_schema_extra={"example": {"code_id": 77, "pool_id": 3, "member_id": 12}})

    code_id: int = Field(description="Id of the code, not the code.")
    pool_id: int
    member_id: int


class CodeUsed(BaseModel):
    """A member has used a code."""

    model_config = ConfigDict(json_schema_extra={"example": {"code_id": 77, "pool_id": 3, "member_id": 12}})

    code_id: int = Field(description="Id of the code, not the code.")
    pool_id: int
    member_id: int | None


POOL_LOW = EventType("code_pool.low", PoolLow, "A pool of codes runs low", "مخزن کد رو به پایان است")
CODE_TAKEN = EventType(
    "discount_code.taken", CodeTaken, "A member was given a discount code", "کد تخفیف به عضو داده شد"
)
CODE_USED = EventType("discount_code.used", CodeUsed, "A discount code was used", "کد تخفیف استفاده شد")
