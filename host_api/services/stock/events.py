"""What stock tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class StockRanOut(BaseModel):
    """The last of a product went out of a branch."""

    model_config = ConfigDict(json_schema_extra={"example": {"product_id": 5, "branch_id": 1}})

    product_id: int
    branch_id: int


class StockCounted(BaseModel):
    """A stocktaking was closed."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"count_id": 3, "branch_id": 1, "lines": 40, "differing": 2}}
    )

    count_id: int
    branch_id: int
    lines: int
    differing: int


STOCK_RAN_OUT = EventType("stock.ran_out", StockRanOut, "A branch has no more of a product", "محصولی تمام شد")
STOCK_COUNTED = EventType("stock.counted", StockCounted, "A stocktaking was closed", "انبارگردانی بسته شد")
