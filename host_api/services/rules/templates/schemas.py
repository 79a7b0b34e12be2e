"""What templates take and give."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from host_api.services.rules.draft.json_content import JsonObject
from switch.rules.schema.values import RuleId, Text

_LARGEST_NUMBER = 999_999_999_999
_POINTS: JsonObject = {
    "name": "points",
    "kind": "number",
    "default": 100,
    "title": {"fa": "امتیاز", "en": "Points"},
}

Number = Annotated[int, Field(strict=True, ge=0, le=_LARGEST_NUMBER)]
ParameterText = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f{}]+$")
]


class TemplatePart(StrEnum):
    """What a template is about."""

    EARN = "earn"
    TIERS = "tiers"
    BURN = "burn"


class ParameterKind(StrEnum):
    """What a parameter holds: a whole number, a text, or the name of a metric."""

    NUMBER = "number"
    TEXT = "text"
    METRIC = "metric"


class TemplateParameter(BaseModel):
    """One parameter with its bounds, which are for numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z]{2,16}$")]
    kind: ParameterKind = ParameterKind.NUMBER
    default: Number | ParameterText
    min: Number = 1
    max: Number = _LARGEST_NUMBER
    title: Text


class Template(BaseModel):
    """Rules in which parameters stand, as the catalogue has them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    part: TemplatePart
    title: Text
    parameters: tuple[TemplateParameter, ...]
    simple: tuple[dict[str, JsonValue], ...] = ()
    rules: tuple[dict[str, JsonValue], ...] = ()
    head: dict[str, JsonValue] = Field(default_factory=dict)


class TemplateRead(BaseModel):
    """A template, and the rules that it makes."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "review",
                "part": "earn",
                "title": {"fa": "امتیاز نوشتن نظر", "en": "Points for a review"},
                "parameters": [_POINTS],
                "rule_ids": ["EARN-03"],
            }
        }
    )

    name: str
    part: TemplatePart
    title: Text
    parameters: list[TemplateParameter]
    rule_ids: list[str]


class TemplateUse(BaseModel):
    """A template with one's own values; what is left out has its default."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "review", "parameters": {"points": 70}}}
    )

    name: Annotated[str, Field(max_length=48)]
    parameters: Annotated[dict[str, Number | ParameterText], Field(default_factory=dict, max_length=16)]
    rule_ids: Annotated[dict[str, RuleId], Field(default_factory=dict, max_length=16)] = Field(
        description="Other ids for the template's rules, by the ones that it has."
    )
