"""How faults are listed and found."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, Select, select

from host_api.core.listing import AtLeast, Column, Equals, ListQuery
from host_api.services.fault_finder.kinds import FaultKind
from host_api.services.fault_finder.models import Fault, FaultSighting
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN
from host_api.services.transactions.listing import RRN_PATTERN


class FaultSort(StrEnum):
    """Orders of faults."""

    LATEST = "-last_seen_at"
    ID = "id"


class FaultQuery(ListQuery):
    """Which faults, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Fault.id, "last_seen_at": Fault.last_seen_at}

    sort: FaultSort = Field(
        default=FaultSort.LATEST, description="Those seen last first, unless asked otherwise."
    )
    kind: Annotated[FaultKind | None, Equals(Fault.kind)] = None
    is_open: Annotated[bool | None, Equals(Fault.is_open)] = Field(
        default=None, description="Only those that nobody has acknowledged since."
    )
    seen_from: Annotated[AwareDatetime | None, AtLeast(Fault.last_seen_at)] = Field(
        default=None, description="Only those seen at this instant or later."
    )
    request_id: str | None = Field(
        default=None, max_length=36, description="Only those met by this request (X-Request-Id)."
    )
    rrn: str | None = Field(
        default=None, pattern=RRN_PATTERN, description="Only those about this transaction."
    )
    terminal_id: str | None = Field(
        default=None, pattern=TERMINAL_ID_PATTERN, description="Only those about this terminal."
    )

    def statement(self) -> Select[Fault]:
        """The faults whose sightings fit; the rest of the filters is the list's."""
        wanted: list[ColumnElement[bool]] = []
        if self.request_id is not None:
            wanted.append(FaultSighting.request_id == self.request_id.lower())
        if self.rrn is not None:
            wanted.append(FaultSighting.rrn == self.rrn)
        if self.terminal_id is not None:
            wanted.append(FaultSighting.terminal_id == self.terminal_id)
        if not wanted:
            return select(Fault)
        return select(Fault).where(Fault.id.in_(select(FaultSighting.fault_id).where(*wanted)))
