"""How publications and tables are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.rules.publications.models import RulePublication, TableInForce
from host_api.services.rules.publications.schemas import PublicationKind, PublicationState


class PublicationSort(StrEnum):
    """Orders of publications, and of tables by the switch's number."""

    LATEST = "-id"
    ID = "id"


class RulePublicationQuery(ListQuery):
    """Which publications, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RulePublication.id}

    sort: PublicationSort = Field(
        default=PublicationSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[PublicationState | None, Equals(RulePublication.state)] = Field(
        default=None, description="`asked` wait for a second person, `waiting` for their time."
    )
    kind: Annotated[PublicationKind | None, Equals(RulePublication.kind)] = None
    version_id: Annotated[int | None, Equals(RulePublication.version_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )


class TableQuery(ListQuery):
    """Which tables, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": TableInForce.table_version}

    sort: PublicationSort = Field(
        default=PublicationSort.LATEST, description="The latest first unless asked otherwise."
    )
    digest: Annotated[str | None, Equals(TableInForce.digest)] = Field(
        default=None, pattern=r"^[0-9a-f]{64}$"
    )
