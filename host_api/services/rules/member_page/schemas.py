"""What members read."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class MemberBenefit(BaseModel):
    """What one rule gives members, in the club's words."""

    rule_id: str
    text_fa: str
    text_en: str
    begins_at: datetime | None = Field(description="Null where it holds already.")
    ends_at: datetime | None = Field(description="The first instant at which it no longer holds.")


class MemberPageRead(BaseModel):
    """What members get now, and what is to come."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "as_of": "2026-03-21T06:30:00Z",
                "table_version": 2,
                "now": [
                    {
                        "rule_id": "EARN-01",
                        "text_fa": "هر ۱۰۰ هزار تومان خرید، ۱۰۰ امتیاز",
                        "text_en": "100 points for every 100,000 toman",
                        "begins_at": None,
                        "ends_at": None,
                    }
                ],
                "upcoming": [],
            }
        }
    )

    as_of: datetime
    table_version: int
    now: list[MemberBenefit]
    upcoming: list[MemberBenefit]
