"""How terminals are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.terminals.models import Terminal
from host_api.services.terminals.schemas import FirmwareChannel, Label, TerminalStatus


class TerminalSort(StrEnum):
    """Orders of terminals."""

    ID = "id"
    TERMINAL_ID = "terminal_id"
    LATEST = "-id"


class TerminalFilters(FilterQuery):
    """Which terminals, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Terminal.id, "terminal_id": Terminal.terminal_id}

    sort: TerminalSort = Field(default=TerminalSort.ID, description="The order; a minus turns it round.")
    branch_id: Annotated[int | None, Equals(Terminal.branch_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only terminals of this branch."
    )
    status: Annotated[TerminalStatus | None, Equals(Terminal.status)] = None
    is_served: Annotated[bool | None, Equals(Terminal.is_served)] = None
    serial_number: Annotated[Label | None, Equals(Terminal.serial_number)] = None
    firmware_channel: Annotated[FirmwareChannel | None, Equals(Terminal.firmware_channel)] = None


class TerminalQuery(TerminalFilters, ListQuery):
    """Which terminals, in which order, and which page."""
