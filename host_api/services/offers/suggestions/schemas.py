"""What the suggester takes and gives."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.services.offers.schemas import OfferKind

Weight = Annotated[int, Field(ge=0, le=100)]
Days = Annotated[int, Field(ge=1, le=3650)]

_POLICY: JsonDict = {
    "reach": 30,
    "affinity": 30,
    "interest": 20,
    "dormancy": 20,
    "urgency": 10,
    "loyalty": 10,
    "history_days": 180,
    "dormant_days": 60,
    "ending_days": 30,
    "least_score": 300,
}
_SUGGESTION: JsonDict = {
    "offer_id": 4,
    "kind": "discount",
    "title": "A fifth off at Nowruz",
    "title_fa": "یک‌پنجم تخفیف نوروزی",
    "score": 700,
    "reasons": {"reach": 1000, "affinity": 400, "interest": 500, "dormancy": 900},
}


class SuggestionPolicyRead(BaseModel):
    """The weights by which offers are ranked, and the periods that are looked at."""

    model_config = ConfigDict(json_schema_extra={"example": {**_POLICY, "version": 0}})

    reach: int = Field(description="Weight: the points come near what the offer takes.")
    affinity: int = Field(description="Weight: the share of purchases at the offer's shops.")
    interest: int = Field(description="Weight: one of the offer's interests is the member's.")
    dormancy: int = Field(description="Weight, of discounts: time since the last purchase.")
    urgency: int = Field(description="Weight, of gifts: the share of points that run out soon.")
    loyalty: int = Field(description="Weight, of gifts: amount and number of purchases.")
    history_days: int = Field(description="Purchases of so many days are looked at.")
    dormant_days: int = Field(description="From so many days on dormancy is full.")
    ending_days: int = Field(description="Points that run out within so many days are urgent.")
    least_score: int = Field(description="From 0 to 1000; what scores less is not proposed.")
    version: int = Field(description="For `If-Match`; 0 where the programme has changed nothing.")


class SuggestionPolicyUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"affinity": 50}})

    reach: Weight | None = None
    affinity: Weight | None = None
    interest: Weight | None = None
    dormancy: Weight | None = None
    urgency: Weight | None = None
    loyalty: Weight | None = None
    history_days: Days | None = None
    dormant_days: Days | None = None
    ending_days: Days | None = None
    least_score: Annotated[int, Field(ge=0, le=1000)] | None = None


class SuggestionRead(BaseModel):
    """An offer for a member, its score, and the figure of each reason, from 0 to 1000."""

    model_config = ConfigDict(json_schema_extra={"example": _SUGGESTION})

    offer_id: int
    kind: OfferKind
    title: str
    title_fa: str
    score: int
    reasons: dict[str, int] = Field(
        description="By name: `reach`, `affinity`, `interest`, `dormancy`, `urgency`, `loyalty`."
    )


class MemberSuggestionsRead(BaseModel):
    """What suits a member, the best first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "suggestions": [_SUGGESTION],
                "at_till": "20 % off is waiting for you in the app",
                "at_till_fa": "۲۰٪ تخفیف در برنامه منتظر شماست",
                "told_at": "2026-11-22T00:40:00Z",
            }
        }
    )

    member_id: int
    suggestions: list[SuggestionRead] = Field(description="All offers that the member can have now.")
    at_till: str | None = Field(description="What the receipt says, from the last computation.")
    at_till_fa: str | None
    told_at: datetime | None = Field(description="When that was computed.")
