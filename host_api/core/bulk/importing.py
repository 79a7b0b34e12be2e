"""Starting an import and reading what became of it: what the services' endpoints stand on."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.bulk.import_declaration import OnExisting
from host_api.core.bulk.import_job import IMPORT_JOB, ImportKind
from host_api.core.bulk.import_table import BulkImport, ImportState
from host_api.core.bulk.row_check import IMPORTABLE_TYPES
from host_api.core.database import AnySession, WriteSession
from host_api.core.errors import Language, Problem
from host_api.core.files.file_table import find_file, may_read
from host_api.core.files.references import FileUse, refers_to_files
from host_api.core.jobs import run_store
from host_api.core.jobs.run_table import JobRun, RunState
from host_api.core.path_ids import LARGEST_ID


@refers_to_files
async def _uses_of_file(session: AnySession, file_id: int) -> list[FileUse]:
    waiting = await session.scalars(
        select(BulkImport.id).where(
            BulkImport.file_id == file_id, BulkImport.state == ImportState.WAITING.value
        )
    )
    return [
        FileUse("import", f"Import {number} is to read it", f"ورود گروهی {number} باید آن را بخواند.")
        for number in waiting
    ]


class ImportFileNotFound(Problem):
    """There is no such file that the caller may use."""

    status = 404
    code = "import-file-not-found"
    title = "File not found"
    title_fa = "فایل پیدا نشد"
    detail = "There is no file with this id, or it has expired."
    detail_fa = "فایلی با این شناسه وجود ندارد یا منقضی شده است."
    field = "file_id"


class FileNotImportable(Problem):
    """The file holds no rows."""

    status = 409
    code = "file-not-importable"
    title = "Not a file of rows"
    title_fa = "این فایل سطر ندارد"
    detail = "Only CSV, XLSX and JSON files can be imported."
    detail_fa = "تنها فایل‌های CSV، XLSX و JSON را می‌توان وارد کرد."
    field = "file_id"


class FileImportedAlready(Problem):
    """The same bytes were imported before, or are being."""

    status = 409
    code = "file-imported-already"
    title = "File imported already"
    title_fa = "این فایل پیش‌تر وارد شده است"
    detail = "This file has been imported already, or is being; send `repeat` to import it once more."
    detail_fa = "این فایل پیش‌تر وارد شده یا در حال ورود است؛ برای ورود دوباره repeat را بفرستید."
    field = "file_id"


class ImportNotFound(Problem):
    """No import of these records has this id."""

    status = 404
    code = "import-not-found"
    title = "Import not found"
    title_fa = "ورود گروهی پیدا نشد"
    detail = "There is no import with this id."
    detail_fa = "ورود گروهی با این شناسه وجود ندارد."


class ImportCreate(BaseModel):
    """A wish to import a file that was given by `POST /v1/files`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"file_id": 7, "on_existing": "skip", "is_dry_run": True}},
    )

    file_id: int = Field(ge=1, le=LARGEST_ID)
    on_existing: OnExisting = Field(
        default=OnExisting.FAIL, description="What becomes of a row whose key a record has already."
    )
    is_dry_run: bool = Field(default=False, description="Check every row and write nothing.")
    repeat: bool = Field(default=False, description="Import a file that was imported before.")


class ImportFault(BaseModel):
    """One thing wrong with one row."""

    row: int = Field(description="As a spreadsheet shows it; of JSON the place in the list.")
    column: str
    code: str
    message: str = Field(description="What is wrong, in the caller's language.")
    message_fa: str = Field(description="What is wrong, in Persian.")


class ImportRead(BaseModel):
    """An import."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "state": "done",
                "file_id": 7,
                "on_existing": "skip",
                "is_dry_run": False,
                "job_run_id": 41,
                "progress_done": 20000,
                "progress_total": 20000,
                "rows": 20000,
                "created": 19990,
                "replaced": 0,
                "skipped": 10,
                "faulty": 0,
                "faults": [],
                "error_kind": None,
                "report_file_id": 8,
                "created_at": "2026-11-22T09:30:00Z",
                "finished_at": "2026-11-22T09:30:09Z",
            }
        }
    )

    id: int
    state: str = Field(
        description="`waiting`, `running`; `refused`: rows are wrong and nothing was written; `checked`: a "
        "dry run found nothing wrong; `done`; `failed`, `cancelled`: nothing was written.",
        pattern="^(waiting|running|refused|checked|done|failed|cancelled)$",
    )
    file_id: int
    on_existing: OnExisting
    is_dry_run: bool
    job_run_id: int = Field(description="Its run under `/v1/jobs`, where it can be cancelled.")
    progress_done: int
    progress_total: int | None = Field(description="Null while the file is being checked.")
    rows: int = Field(description="Rows read.")
    created: int = Field(description="Records made; in a dry run, that would be made.")
    replaced: int
    skipped: int
    faulty: int = Field(description="Rows with faults.")
    faults: list[ImportFault] = Field(description="The first hundred; all are in the report.")
    error_kind: str | None = Field(description="Why it failed.")
    report_file_id: int | None = Field(description="CSV file with a line for each row or fault.")
    created_at: datetime
    finished_at: datetime | None


async def start_import(
    session: WriteSession,
    kind: ImportKind,
    wanted: ImportCreate,
    caller: Caller,
    *,
    language: Language,
    now: datetime,
) -> ImportRead:
    """Have a file imported soon. From now on only who may import may read the file.

    Raises:
        ImportFileNotFound, FileNotImportable, FileImportedAlready
    """
    file = await find_file(session, wanted.file_id, now=now)
    if file is None or not may_read(file, caller):
        raise ImportFileNotFound
    if file.media_type not in IMPORTABLE_TYPES:
        raise FileNotImportable
    if not wanted.repeat and not wanted.is_dry_run and await _is_known(session, kind.name, file.sha256):
        raise FileImportedAlready
    file.audience = file.audience or str(kind.permission)
    run = run_store.enqueue(session, IMPORT_JOB, {}, caller, now=now)
    await session.flush()
    made = BulkImport(
        resource=kind.name,
        file_id=file.id,
        file_sha256=file.sha256,
        media_type=file.media_type,
        on_existing=wanted.on_existing.value,
        is_dry_run=wanted.is_dry_run,
        is_repeat=wanted.repeat,
        language=language,
        job_run_id=run.id,
        state=ImportState.WAITING.value,
        rows=0,
        created=0,
        replaced=0,
        skipped=0,
        faulty=0,
        faults=[],
        report_file_id=None,
        created_at=now,
        finished_at=None,
    )
    session.add(made)
    await session.flush()
    run.arguments = {"import_id": made.id}
    return _read(made, run, language)


async def read_import(
    session: AnySession, kind: ImportKind, import_id: int, language: Language
) -> ImportRead:
    """One import of these records.

    Raises:
        ImportNotFound
    """
    found = await session.get(BulkImport, import_id)
    if found is None or found.resource != kind.name:
        raise ImportNotFound
    return _read(found, await session.get(JobRun, found.job_run_id), language)


async def _is_known(session: AnySession, resource: str, sha256: bytes) -> bool:
    rows = await session.execute(
        select(BulkImport.state, JobRun.state)
        .outerjoin(JobRun, JobRun.id == BulkImport.job_run_id)
        .where(
            BulkImport.resource == resource,
            BulkImport.file_sha256 == sha256,
            BulkImport.is_dry_run.is_(False),
            BulkImport.state.in_([ImportState.WAITING.value, ImportState.DONE.value]),
        )
    )
    under_way = (RunState.WAITING.value, RunState.RUNNING.value)
    return any(state == ImportState.DONE.value or run_state in under_way for state, run_state in rows)


def _read(found: BulkImport, run: JobRun | None, language: Language) -> ImportRead:
    faults = [ImportFault.model_validate(fault) for fault in found.faults]
    if language == "fa":
        faults = [fault.model_copy(update={"message": fault.message_fa}) for fault in faults]
    state = found.state
    if state == ImportState.WAITING:
        state = RunState.FAILED.value if run is None else run.state
    return ImportRead(
        id=found.id,
        state=state,
        file_id=found.file_id,
        on_existing=OnExisting(found.on_existing),
        is_dry_run=found.is_dry_run,
        job_run_id=found.job_run_id,
        progress_done=run.progress_done if run else found.rows,
        progress_total=run.progress_total if run else found.rows,
        rows=found.rows,
        created=found.created,
        replaced=found.replaced,
        skipped=found.skipped,
        faulty=found.faulty,
        faults=faults,
        error_kind=run.error_kind if run else None,
        report_file_id=found.report_file_id,
        created_at=found.created_at,
        finished_at=found.finished_at,
    )
