"""What each service declares, and the application takes from it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import ModuleType

from fastapi import APIRouter

from host_api.core.access.permissions import Permission
from host_api.core.bulk.import_job import ImportKind
from host_api.core.database import ReadSession
from host_api.core.events.event_type import DeclaredType
from host_api.core.feed_projection import Projector
from host_api.core.jobs.declaration import Job
from host_api.core.ledger.outcomes import OutcomeHandler
from host_api.core.member_rows import MemberRows
from host_api.core.personal_data import PersonalData


@dataclass(frozen=True, slots=True)
class Notice:
    """Something of a service that a person should look at, told by the status page.

    Parameters:
        code: stable name.
    """

    code: str
    text: str
    text_fa: str
    since: datetime


NoticeReader = Callable[[ReadSession], Awaitable[Sequence[Notice]]]


class StatusPart(StrEnum):
    """A part of the status page that tells how a service's own work gets on."""

    OUTBOX = "outbox"
    LEDGER = "ledger"
    FEED = "feed"
    EVENTS = "events"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Service:
    """One service; its folder's `service.py` has it as `SERVICE`.

    Parameters:
        name: its folder.
        title, title_fa: what a person calls it.
        tags: of its operations, each with what the API page tells of it, in English and Persian.
        routers: of two addresses that a path fits, the first is meant: exports stand before single records.
        tables: its modules of tables; imported here, they are in the metadata.
        asked_in_logic: permissions that no route asks for, but logic does.
        projectors: its parts in the feed projection, applied in this order.
        outcomes: what it does with the outcomes of its requests to the ledger, by the name it asks under.
        status_parts: the background work that it depends on.
        notices: reads what a person should look at.
        personal_data: what it holds of members, for privacy's export and erasing.
        member_rows: what becomes of its rows that name a member whose record is merged into another.
    """

    name: str
    title: str
    title_fa: str
    tags: Mapping[str, str]
    routers: tuple[APIRouter, ...]
    tables: tuple[ModuleType, ...] = ()
    asked_in_logic: tuple[Permission, ...] = ()
    jobs: tuple[Job, ...] = ()
    imports: tuple[ImportKind, ...] = ()
    event_types: tuple[DeclaredType, ...] = ()
    projectors: tuple[Callable[[], Projector], ...] = ()
    outcomes: Mapping[str, OutcomeHandler] = field(default_factory=dict)
    status_parts: tuple[StatusPart, ...] = ()
    notices: NoticeReader | None = None
    personal_data: tuple[PersonalData, ...] = ()
    member_rows: tuple[MemberRows, ...] = ()
