"""The job that imports a file: checks every row first, then has all rows come into their places at once.

It may end anywhere: until the one transaction commits, nothing is there; after it, the import says so itself.
The first pass leaves the good rows in a sealed draft, so that the second, which holds the database, neither
parses nor checks anything. On SQLite, where all others would wait for it, that one transaction only puts in
place what shorter ones have made (see `staging`).
"""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Final, Generic, cast

from pydantic import JsonValue
from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from host_api.core.access.permissions import Permission
from host_api.core.bulk.file_fault import RowFault, known_fault
from host_api.core.bulk.import_declaration import Importable, OnExisting, RowT
from host_api.core.bulk.import_report import ImportReport
from host_api.core.bulk.import_table import BulkImport, ImportState
from host_api.core.bulk.row_check import CheckedRow, RowCheck
from host_api.core.bulk.row_numbers import number_new_rows
from host_api.core.bulk.staging import Stage
from host_api.core.database import AnySession, WriteSession
from host_api.core.errors import Language
from host_api.core.files.content_store import ContentMissing, Draft
from host_api.core.files.file_table import LARGEST_FILE_BYTES, add_file
from host_api.core.files.media_types import MediaType
from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob

IMPORT_JOB: Final = "bulk-import"

_CHUNK_ROWS: Final = 250
_FAULTS_SHOWN: Final = 100
_MOST_FAULTS: Final = 10_000
_DRAFT_BYTES: Final = 4 * LARGEST_FILE_BYTES
_KEY_DIGEST_BYTES: Final = 12
_TIMEOUT: Final = timedelta(minutes=30)
# So many new records change what the database should know of how many there are.
_ROWS_THAT_MATTER: Final = 1_000


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of records that can be imported, whatever their schema."""

    name: str
    permission: Permission
    attempt: Callable[[RunningJob, BulkImport], Awaitable[None]]


def import_kind(importable: Importable[RowT]) -> ImportKind:
    """What endpoints and the job need of a service's declaration."""

    async def attempt(running: RunningJob, wanted: BulkImport) -> None:
        await _Importing(running, importable, wanted).run()

    return ImportKind(importable.name, importable.permission, attempt)


def import_job(kinds: Iterable[ImportKind]) -> Job:
    """The job of all imports."""
    named = {kind.name: kind for kind in kinds}

    async def run(running: RunningJob) -> JsonObject:
        import_id = running.arguments.get("import_id")
        async with running.reading() as session:
            wanted = await session.get(BulkImport, import_id)
        if wanted is None or wanted.resource not in named:
            raise JobFailed("import-unknown")
        if wanted.state == ImportState.WAITING:
            await named[wanted.resource].attempt(running, wanted)
            async with running.reading() as session:
                wanted = await session.get_one(BulkImport, import_id)
        return {
            "import_id": wanted.id,
            "state": wanted.state,
            "rows": wanted.rows,
            "created": wanted.created,
            "replaced": wanted.replaced,
            "skipped": wanted.skipped,
            "faulty": wanted.faulty,
        }

    return Job(IMPORT_JOB, "Import of a file", "ورود گروهی از فایل", run, timeout=_TIMEOUT, retries=3)


@dataclass(slots=True)
class _Counts:
    rows: int = 0
    created: int = 0
    replaced: int = 0
    skipped: int = 0
    faulty: int = 0
    faults: list[RowFault] = field(default_factory=list)


class _RowsChanged(Exception):  # noqa: N818
    """Between the passes somebody made records with keys of the file."""

    def __init__(self, faults: list[RowFault]) -> None:
        super().__init__()
        self.faults = faults


class _Importing(Generic[RowT]):
    """One attempt at one import."""

    def __init__(self, running: RunningJob, importable: Importable[RowT], wanted: BulkImport) -> None:
        self._running = running
        self._importable = importable
        self._wanted = wanted
        self._on_existing = OnExisting(wanted.on_existing)
        self._language: Language = "fa" if wanted.language == "fa" else "en"
        self._counts = _Counts()
        self._seen: dict[bytes, int] = {}
        self._known: set[int] = set()
        self._skipped: set[int] = set()

    async def run(self) -> None:
        """Both passes.

        Raises:
            JobFailed: the file is gone, or was imported meanwhile.
        """
        with self._draft() as rows:
            with self._draft() as draft:
                report = ImportReport(draft, self._language)
                await self._check(rows, report)
                async with self._running.reading() as session:
                    self._count_faults(report, await self._check_together(session, rows))
                if self._counts.faults:
                    await self._conclude(ImportState.REFUSED, draft)
                    return
                if self._wanted.is_dry_run:
                    await self._conclude(ImportState.CHECKED, draft)
                    return
            try:
                await self._write(rows)
                if self._counts.created >= _ROWS_THAT_MATTER:
                    await self._running.database.gather_statistics()
            except _RowsChanged as changed:
                with self._draft() as draft:
                    self._counts = _Counts(rows=self._counts.rows)
                    self._add_faults(ImportReport(draft, self._language), changed.faults)
                    await self._conclude(ImportState.REFUSED, draft)

    def _draft(self) -> Draft:
        return self._running.contents.draft(self._running.programme_id, _DRAFT_BYTES)

    async def _check(self, rows: Draft, report: ImportReport) -> None:
        """The first pass: what is wrong goes to the report, what is right to `rows`."""
        running = self._running
        try:
            content = await asyncio.to_thread(
                running.contents.open, running.programme_id, self._wanted.file_sha256
            )
        except ContentMissing:
            raise JobFailed("file-is-gone") from None
        with content:
            checked = RowCheck(self._importable).rows(content, MediaType(self._wanted.media_type))
            while chunk := await asyncio.to_thread(_take, checked):
                async with running.reading() as session:
                    found = await self._existing(session, [entry.row for entry in chunk if entry.row])
                await asyncio.to_thread(self._sort_out, chunk, found, rows, report)
                await running.report(self._counts.rows)
                if len(self._counts.faults) >= _MOST_FAULTS:
                    self._add_faults(report, [known_fault("too-many-faults", chunk[-1].number)])
                    return

    def _sort_out(
        self,
        chunk: Sequence[CheckedRow[RowT]],
        found: Mapping[str, int],
        rows: Draft,
        report: ImportReport,
    ) -> None:
        for entry in chunk:
            self._counts.rows += 1
            faults = entry.faults or self._faults_of_key(entry, found)
            if faults:
                self._counts.faulty += 1
                self._add_faults(report, faults)
            elif entry.row is not None:
                if self._key(entry.row) in found:
                    self._known.add(entry.number)
                self._count(entry.number in self._known)
                text = entry.row.model_dump_json(exclude_unset=True)
                rows.write(f"{entry.number}\t{text}\n".encode())

    async def _check_together(self, session: AnySession, rows: Draft) -> Sequence[RowFault]:
        check = self._importable.check
        if check is None:
            return ()
        with rows.open() as content:
            lines = iter(io.BufferedReader(content))
            return await check(session, self._running.cipher, self._chunks(lines))

    async def _chunks(self, lines: Iterator[bytes]) -> AsyncIterator[Sequence[tuple[int, RowT]]]:
        while chunk := await asyncio.to_thread(self._parse, lines):
            yield chunk

    def _count_faults(self, report: ImportReport, faults: Sequence[RowFault]) -> None:
        """Rows that are right by themselves, and were counted so, but not together."""
        numbers = {fault.row for fault in faults}
        self._counts.faulty += len(numbers)
        self._count(is_found=True, by=-len(numbers & self._known))
        self._count(is_found=False, by=-len(numbers - self._known))
        self._add_faults(report, faults)

    def _faults_of_key(self, entry: CheckedRow[RowT], found: Mapping[str, int]) -> Sequence[RowFault]:
        key = None if entry.row is None else self._key(entry.row)
        if key is None:
            return ()
        digest = hashlib.blake2b(key.encode(), digest_size=_KEY_DIGEST_BYTES).digest()
        if self._seen.setdefault(digest, entry.number) != entry.number:
            return (known_fault("double-row", entry.number),)
        if key in found and self._on_existing is OnExisting.FAIL:
            return (known_fault("exists", entry.number),)
        return ()

    async def _write(self, rows: Draft) -> None:
        """The second pass: every row, the report and the import's own end in one transaction."""
        running = self._running
        self._counts = _Counts(rows=self._counts.rows)
        running.done, running.total = 0, self._counts.rows
        is_staged = (
            running.database.is_sqlite
            and self._importable.clash is not None
            and self._on_existing is not OnExisting.REPLACE
        )
        with rows.open() as content, self._draft() as draft:
            report = ImportReport(draft, self._language)
            lines = iter(io.BufferedReader(content))
            if is_staged:
                await self._write_staged(rows, lines, report, draft)
                return
            async with running.step() as session:
                await self._check_first(session)
                if faults := await self._check_together(session, rows):
                    raise _RowsChanged(list(faults))
                while chunk := await asyncio.to_thread(self._parse, lines):
                    await self._write_chunk(session, chunk, report)
                    session.expunge_all()
                    running.done += len(chunk)
                await self._end(session, ImportState.DONE, draft)

    async def _write_staged(
        self, rows: Draft, lines: Iterator[bytes], report: ImportReport, draft: Draft
    ) -> None:
        """The same in many transactions, of which the last one puts all in place."""
        running = self._running
        stage = Stage(self._wanted.id)
        async with running.step() as session:
            await self._check_first(session)
            await stage.clear_left(session)
        try:
            while chunk := await asyncio.to_thread(self._parse, lines):
                async with running.step() as session:
                    async with stage.taking_away(session):
                        await self._write_chunk(session, chunk, report)
                    running.done += len(chunk)
            with rows.open() as again:
                await self._put_in_place(stage, iter(io.BufferedReader(again)), draft)
        finally:
            async with running.database.writing(running.programme_id) as session:
                await stage.drop(session)

    async def _put_in_place(self, stage: Stage, lines: Iterator[bytes], draft: Draft) -> None:
        try:
            async with self._running.step() as session:
                await self._check_first(session)
                await self._check_unchanged(session, lines)
                await stage.put_in_place(session)
                await self._end(session, ImportState.DONE, draft)
        except IntegrityError:
            raise JobFailed(self._importable.clash or "clash") from None

    async def _check_unchanged(self, session: WriteSession, lines: Iterator[bytes]) -> None:
        """See that no record has come meanwhile for a row whose record waits to be put in place."""
        while chunk := await asyncio.to_thread(self._parse, lines):
            found = await self._existing(session, [row for _, row in chunk])
            come = [
                number
                for number, row in chunk
                if (self._key(row) or "") in found and number not in self._skipped
            ]
            if come:
                raise _RowsChanged([known_fault("exists", number) for number in come])

    async def _check_first(self, session: WriteSession) -> None:
        if not self._wanted.is_repeat and await _is_imported(session, self._wanted):
            raise JobFailed("imported-already")

    async def _write_chunk(
        self, session: WriteSession, chunk: Sequence[tuple[int, RowT]], report: ImportReport
    ) -> None:
        cipher = self._running.cipher
        found = await self._existing(session, [row for _, row in chunk])
        new = [(number, row) for number, row in chunk if self._key(row) not in found]
        old = [(number, row, found[key]) for number, row in chunk if (key := self._key(row) or "") in found]
        if old and self._on_existing is OnExisting.FAIL:
            raise _RowsChanged([known_fault("exists", number) for number, _, _ in old])
        if new:
            ids = await self._importable.insert(session, cipher, [row for _, row in new])
            report.add_records(
                "created", ((number, record_id) for (number, _), record_id in zip(new, ids, strict=True))
            )
        self._skipped |= {number for number, _, _ in old}
        is_replacing = self._on_existing is OnExisting.REPLACE
        if old and is_replacing:
            await self._importable.replace(session, cipher, {record_id: row for _, row, record_id in old})
        report.add_records(
            "replaced" if is_replacing else "skipped", ((number, record_id) for number, _, record_id in old)
        )
        for _, row in chunk:
            self._count(self._key(row) in found)
        await number_new_rows(session)
        await session.flush()

    async def _conclude(self, state: ImportState, draft: Draft) -> None:
        """End an import that writes no records."""
        async with self._running.step() as session:
            await self._end(session, state, draft)

    async def _end(self, session: WriteSession, state: ImportState, draft: Draft) -> None:
        running, wanted, counts = self._running, self._wanted, self._counts
        await asyncio.to_thread(draft.keep)
        report = await add_file(
            session,
            name=f"{wanted.resource}-import-{wanted.id}.csv",
            media_type=MediaType.CSV.value,
            size=draft.size,
            sha256=draft.sha256,
            caller=running.caller,
            now=running.now(),
            audience=str(self._importable.permission),
        )
        await session.execute(
            update(BulkImport)
            .where(BulkImport.id == wanted.id)
            .values(
                state=state.value,
                rows=counts.rows,
                created=counts.created,
                replaced=counts.replaced,
                skipped=counts.skipped,
                faulty=counts.faulty,
                faults=cast(list[JsonValue], [asdict(fault) for fault in counts.faults[:_FAULTS_SHOWN]]),
                report_file_id=report.id,
                finished_at=running.now(),
            )
            .execution_options(synchronize_session=False)
        )

    async def _existing(self, session: AnySession, rows: Sequence[RowT]) -> Mapping[str, int]:
        keys = [key for row in rows if (key := self._key(row)) is not None]
        return await self._importable.existing(session, self._running.cipher, keys) if keys else {}

    def _key(self, row: RowT) -> str | None:
        return self._importable.key(row)

    def _parse(self, lines: Iterator[bytes]) -> list[tuple[int, RowT]]:
        chunk = []
        for line in islice(lines, _CHUNK_ROWS):
            number, _, text = line.partition(b"\t")
            chunk.append((int(number), self._importable.row.model_validate_json(text)))
        return chunk

    def _count(self, is_found: bool, by: int = 1) -> None:
        if not is_found:
            self._counts.created += by
        elif self._on_existing is OnExisting.REPLACE:
            self._counts.replaced += by
        else:
            self._counts.skipped += by

    def _add_faults(self, report: ImportReport, faults: Sequence[RowFault]) -> None:
        self._counts.faults += faults
        report.add_faults(faults)


def _take(rows: Iterator[CheckedRow[RowT]]) -> list[CheckedRow[RowT]]:
    return list(islice(rows, _CHUNK_ROWS))


async def _is_imported(session: AnySession, wanted: BulkImport) -> bool:
    """Whether the same file has been imported by another import."""
    done = exists().where(
        BulkImport.resource == wanted.resource,
        BulkImport.file_sha256 == wanted.file_sha256,
        BulkImport.state == ImportState.DONE.value,
        BulkImport.id != wanted.id,
    )
    return bool(await session.scalar(select(done)))
