"""How versions are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.services.rules.versions.models import RuleVersion
from host_api.services.rules.versions.schemas import VersionState


class VersionSort(StrEnum):
    """Orders of versions."""

    LATEST = "-id"
    ID = "id"


class RuleVersionQuery(ListQuery):
    """Which versions, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RuleVersion.id}

    sort: VersionSort = Field(
        default=VersionSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[VersionState | None, Equals(RuleVersion.state)] = None
    digest: Annotated[str | None, Equals(RuleVersion.digest)] = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="The version whose table the switch names so."
    )
    frozen_from: Annotated[AwareDatetime | None, AtLeast(RuleVersion.frozen_at)] = None
    frozen_before: Annotated[AwareDatetime | None, Below(RuleVersion.frozen_at)] = None
