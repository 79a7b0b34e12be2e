"""How the rules of the draft are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery, StartsWith
from host_api.services.rules.draft.models import DraftRule
from host_api.services.rules.draft.schemas import RuleForm
from switch.rules.schema.rule import Status


class RuleSort(StrEnum):
    """Orders of rules."""

    PLACE = "place"
    RULE_ID = "rule_id"
    ID = "id"
    LATEST = "-id"


class DraftRuleQuery(ListQuery):
    """Which rules, in which order."""

    sorts: ClassVar[dict[str, Column]] = {
        "id": DraftRule.id,
        "place": DraftRule.place,
        "rule_id": DraftRule.rule_id,
    }

    sort: RuleSort = Field(
        default=RuleSort.PLACE, description="As people ordered them, unless asked otherwise."
    )
    status: Annotated[Status | None, Equals(DraftRule.status)] = None
    form: Annotated[RuleForm | None, Equals(DraftRule.form)] = None
    rule_id: Annotated[str | None, StartsWith(DraftRule.rule_id)] = Field(
        default=None, max_length=16, description="Ids that begin so."
    )
