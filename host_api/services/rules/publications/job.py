"""The job that puts an approved publication in force."""

from datetime import timedelta
from typing import Final

from host_api.core.clock import utc_now
from host_api.core.host_link.link import LinkFault
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.services.rules.names import PUBLICATION_JOB
from host_api.services.rules.publications import logic
from host_api.services.rules.publications.schemas import PublicationFailure, RulePublicationRead
from host_api.services.rules.publications.table_transfer import (
    Table,
    TableConflict,
    TableRefused,
    TableTransfer,
)
from host_api.services.rules.versions import logic as versions
from protocol.dialect import ResponseCode

# For so long after its time a publication waits for a switch that can't be reached.
PATIENCE: Final = timedelta(hours=2)


async def publish(running: RunningJob) -> JsonObject:
    """Send a table to the switch, from its first part on, however far an earlier attempt came."""
    publication_id = running.arguments.get("publication_id")
    if not isinstance(publication_id, int):
        return {}
    async with running.step() as session:
        publication = await logic.begin(session, publication_id)
    if publication is not None:
        await _publish(running, publication)
    return {"publication_id": publication_id}


PUBLICATIONS: Final = Job(
    PUBLICATION_JOB,
    "Putting rules in force",
    "جاری کردن قواعد",
    publish,
    timeout=timedelta(minutes=20),
    retries=40,
)


async def _publish(running: RunningJob, publication: RulePublicationRead) -> None:
    links = running.switch.links
    if not links.is_configured:
        await _fail(running, publication, PublicationFailure.NO_SWITCH)
        return
    transfer = TableTransfer(links)
    try:
        table = await _table(running, publication, transfer)
        if table is None:
            await _fail(running, publication, PublicationFailure.TABLE_GONE)
            return
        table_version = await transfer.upload(table, publication.expected_version, running.report)
    except TableConflict as conflict:
        await _conflict(running, publication, conflict.version)
    except TableRefused as refused:
        await _fail(running, publication, PublicationFailure.REFUSED, response_code=refused.response_code)
    except LinkFault:
        due_at = max(
            publication.publish_at or publication.asked_at, publication.decided_at or publication.asked_at
        )
        if utc_now() < due_at + PATIENCE:
            raise
        await _fail(running, publication, PublicationFailure.UNREACHABLE)
    else:
        async with running.step() as session:
            await logic.note_published(session, publication.id, table_version)


async def _table(
    running: RunningJob, publication: RulePublicationRead, transfer: TableTransfer
) -> Table | None:
    if publication.version_id is not None:
        async with running.reading() as session:
            deflated = await versions.table_of(session, publication.version_id)
        return None if deflated is None else Table(deflated, bytes.fromhex(publication.digest))
    try:
        table = await transfer.download(publication.wanted_table_version or 0)
    except TableRefused as refused:
        if refused.response_code == ResponseCode.RECORD_NOT_FOUND:
            return None
        raise
    return table if table.digest.hex() == publication.digest else None


async def _conflict(running: RunningJob, publication: RulePublicationRead, found_version: int) -> None:
    """Another table is in force; it may have come after this one, whose answer was lost."""
    async with running.reading() as session:
        table_version = await logic.table_after(session, publication)
    if table_version is None:
        await _fail(running, publication, PublicationFailure.CONFLICT, found_version=found_version)
        return
    async with running.step() as session:
        await logic.note_published(session, publication.id, table_version)


async def _fail(
    running: RunningJob,
    publication: RulePublicationRead,
    failure: PublicationFailure,
    *,
    response_code: str | None = None,
    found_version: int | None = None,
) -> None:
    async with running.step() as session:
        await logic.note_failed(
            session, publication.id, failure, response_code=response_code, found_version=found_version
        )
