"""What the index of services gives."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.jobs.run_table import RunState
from host_api.core.status import NoticeRead


class ServiceState(StrEnum):
    """How a service stands: OFF is one whose modules are all switched off, ATTENTION one that tells why."""

    WORKING = "working"
    ATTENTION = "attention"
    OFF = "off"


class ServiceTag(BaseModel):
    """A group of operations."""

    name: str
    description: str
    documentation: str = Field(description="Address of the group on the API page.")
    operations: int


class ServiceModule(BaseModel):
    """A module of the service in the caller's programme."""

    name: str
    title: str
    title_fa: str
    is_optional: bool
    is_on: bool


class ServiceJob(BaseModel):
    """A job of the service, and how its runs in the caller's programme ended."""

    name: str
    title: str
    title_fa: str
    schedule: str | None
    last_state: RunState | None = Field(description="How the latest run that is over ended.")
    last_finished_at: datetime | None
    failures: int = Field(description="Runs that failed for good within a day.")


class ServiceWorker(BaseModel):
    """Background work that the service depends on; `GET /v1/status` tells more."""

    name: str
    last_error: str | None = Field(description="Why it waits; null where it doesn't.")


class ServiceRead(BaseModel):
    """A service."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "members",
                "title": "Members",
                "title_fa": "اعضا",
                "state": "working",
                "operations": 7,
                "tags": [
                    {
                        "name": "members",
                        "description": "Members and their balances · اعضا و مانده‌ها",
                        "documentation": "/docs#/members",
                        "operations": 7,
                    }
                ],
                "modules": [
                    {
                        "name": "members",
                        "title": "Members",
                        "title_fa": "اعضا",
                        "is_optional": False,
                        "is_on": True,
                    }
                ],
                "workers": [{"name": "outbox", "last_error": None}],
                "jobs": [],
                "events": 12,
                "last_event_at": "2026-03-21T06:30:00Z",
                "notices": [],
            }
        }
    )

    name: str
    title: str
    title_fa: str
    state: ServiceState
    operations: int
    tags: list[ServiceTag]
    modules: list[ServiceModule]
    workers: list[ServiceWorker]
    jobs: list[ServiceJob]
    events: int = Field(description="Events of the service's types within a day.")
    last_event_at: datetime | None = Field(description="The latest of them.")
    notices: list[NoticeRead]


class ServiceList(BaseModel):
    """All services."""

    items: list[ServiceRead]
