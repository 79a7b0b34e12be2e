"""How trials are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.rules.trials.models import RuleTrial
from host_api.services.rules.trials.schemas import TrialState, TrialWork


class TrialSort(StrEnum):
    """Orders of trials."""

    LATEST = "-id"
    ID = "id"


class RuleTrialQuery(ListQuery):
    """Which trials, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RuleTrial.id}

    sort: TrialSort = Field(default=TrialSort.LATEST, description="The latest first unless asked otherwise.")
    work: Annotated[TrialWork | None, Equals(RuleTrial.work)] = None
    state: Annotated[TrialState | None, Equals(RuleTrial.state)] = None
    version_id: Annotated[int | None, Equals(RuleTrial.version_id)] = Field(default=None, ge=1, le=LARGEST_ID)
