"""What the draft takes and gives."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from host_api.core.path_ids import LARGEST_ID
from host_api.services.rules.draft.json_content import JsonObject, RuleJson
from switch.rules.schema.rule import Status
from switch.rules.schema.values import RuleId

_SIMPLE: JsonObject = {"rule_id": "EARN-01", "text": "هر ۱۰۰ هزار تومان ۱۰۰ امتیاز", "status": "active"}
_EXPANDED: JsonObject = {
    "rule_id": "EARN-01",
    "status": "active",
    "kind": "earn",
    "trigger": "purchase",
    "effects": [{"type": "earn", "purse": "points", "calc": {"mode": "rate", "give": 100, "per": 1000000}}],
}

LineText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class RuleForm(StrEnum):
    """How a rule is written: in full, or in one line of English or Persian."""

    FULL = "full"
    SIMPLE = "simple"


class _OneForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rule: RuleJson | None = Field(default=None, description="In full, as the rule schema has it.")
    simple: RuleJson | None = Field(
        default=None, description="In one line: rule_id, text, and status, priority, name, member_text."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.rule is None) == (self.simple is None):
            raise ValueError("give rule or simple, and one of them only")
        return self


class DraftRuleCreate(_OneForm):
    """A new rule; it may be at fault, but it has an id."""

    model_config = ConfigDict(json_schema_extra={"example": {"simple": _SIMPLE}})


class DraftRuleUpdate(_OneForm):
    """What changes: parts by name, null takes one away. `rule` for a rule in one line makes it a full one."""

    model_config = ConfigDict(json_schema_extra={"example": {"simple": {"status": "paused"}}})


class DraftRuleCopy(BaseModel):
    """The same rule under another id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"rule_id": "EARN-01-B"}})

    rule_id: RuleId


class RuleOrder(BaseModel):
    """Rules in the order wanted; they take the places that they have now among themselves."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"rule_ids": ["BURN-02", "EARN-01"]}}
    )

    rule_ids: Annotated[list[RuleId], Field(min_length=2, max_length=500)]


class DraftRuleRead(BaseModel):
    """A rule of the draft, as written and as it counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "rule_id": "EARN-01",
                "place": 1,
                "form": "simple",
                "status": "active",
                "content": _SIMPLE,
                "expanded": _EXPANDED,
                "faults": [],
            }
        }
    )

    id: int
    rule_id: str
    place: int
    form: RuleForm
    status: Status
    content: dict[str, JsonValue] = Field(description="As written.")
    expanded: dict[str, JsonValue] | None = Field(description="In full; null where it can't be understood.")
    faults: list[str] = Field(description="Each with the path in the rule.")


class DraftHeadUpdate(BaseModel):
    """What changes of the part that all rules share: sections by name, null takes one away."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "head": {
                    "budgets": [{"id": "SPRING", "amount": 100000000, "unit": "rial"}],
                    "return_days": 30,
                }
            }
        },
    )

    head: RuleJson


class DraftRead(BaseModel):
    """The draft without its rules."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"head": {"programme": "main", "return_days": 30}, "rules": 12, "faults": []}
        }
    )

    head: dict[str, JsonValue] = Field(description="As written; what is left out has the schema's default.")
    rules: int
    faults: list[str] = Field(description="Of this part alone; a check tells those of all rules.")


class DraftReplace(BaseModel):
    """What the whole draft becomes: a text, a file, a frozen version, or the rules that come with the
    software."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"text": 'format = 2\nprogramme = "main"\n\n[[simple]]\n…'}},
    )

    text: Annotated[str, Field(min_length=1, max_length=60_000)] | None = Field(
        default=None, description="TOML or JSON."
    )
    file_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = Field(
        default=None, description="A TOML or JSON file of `POST /v1/files`, up to 16 MiB."
    )
    version_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    default: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.text is not None, self.file_id is not None, self.version_id is not None, self.default]
        if sum(given) != 1:
            raise ValueError("give one of text, file_id, version_id and default")
        return self
