"""Puts the application together: database, workers, services, errors and documentation."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from datetime import timedelta
from functools import cache, partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.applications import Starlette

from host_api.core import documentation
from host_api.core.access.login_routes import router as login_router
from host_api.core.database import Database
from host_api.core.encryption.vault import Vault
from host_api.core.error_handlers import install_error_handlers
from host_api.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    ModuleSwitchedOff,
    NotPermitted,
    PasswordChangeNeeded,
    Problem,
    Unauthorised,
    ValidationFailed,
)
from host_api.core.fault_reports import FaultReports, of_worker
from host_api.core.files.content_store import ContentStore
from host_api.core.files.file_table import LARGEST_FILE_BYTES
from host_api.core.files.upload import FORM_BYTES, FileTooLarge
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.host_link.settings import HostLinkSettings
from host_api.core.jobs.runner import JobRunner
from host_api.core.jobs.running import JobTools
from host_api.core.ledger.outcomes import OutcomeBoard
from host_api.core.logs import logged_programme
from host_api.core.openapi_document import Json, install_openapi
from host_api.core.operation_names import operation_id
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.passwords import Passwords
from host_api.core.query_fields import keep_query_fields
from host_api.core.rate_limit import RateLimited, RateLimitHeaders, RateLimits
from host_api.core.request_id import RequestIds
from host_api.core.request_limit import BodyLimit, RequestLimit
from host_api.core.runtime import Runtime, RuntimeState
from host_api.core.service_index.routes import page_router
from host_api.core.settings import Settings
from host_api.core.status import health_router
from host_api.core.switches.switch_settings import configured_switches
from host_api.core.switches.switches import Switches
from host_api.core.waking import Worker
from host_api.services.blog.pages.routes import pages_router as blog_pages_router
from host_api.services.blog.view_counts import ViewCounts
from host_api.services.catalogue import (
    EVENT_TYPES,
    JOBS,
    PERMITTED_ROUTERS,
    PERSONAL_DATA,
    TAGS,
    outcome_handlers,
    projectors,
)
from host_api.services.fault_finder.collector import FaultCollector
from host_api.services.files.downloads import downloads_router
from host_api.services.learning.purchases.downloads import downloads_router as learning_downloads_router
from host_api.services.webhooks.worker import WebhookWorker, WorkerSettings

_log = logging.getLogger(__name__)

_DESCRIPTION = """Members, cards, merchants, branches and terminals of the club, and the transactions and
balances projected from the switch's journal.

Press **Authorize** and log in, or give the API key; the first start writes one to `var/keys/host_api.key`.
Points move only by messages to the switch; nothing here changes a balance.
Errors are problem details (RFC 9457); with `Accept-Language: fa` their texts come in Persian.
Every answer carries `X-Request-Id` (yours, where you send a UUID) and, where it is counted,
`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`.

<div dir="rtl">اعضا، کارت‌ها، پذیرنده‌ها، شعبه‌ها و پایانه‌های باشگاه، و تراکنش‌ها و مانده‌ها چنان که از دفتر سوئیچ
رسیده است. کلید API را پس از زدن <bdi>Authorize</bdi> وارد کنید.</div>
"""

_TAGS = [
    {"name": name, "description": told}
    for name, told in (
        ("auth", "Logging in, and one's own account · ورود و حساب خود"),
        *TAGS.items(),
        ("status", "Outbox, host link and projection · وضعیت"),
        ("health", "Checks for machines, without a key · سلامت"),
    )
]

_EVERYWHERE = (
    Unauthorised,
    NotPermitted,
    PasswordChangeNeeded,
    ModuleSwitchedOff,
    BodyTooLarge,
    ValidationFailed,
    RateLimited,
    Problem,
    DatabaseUnavailable,
)

_OF_A_FILE = BodyLimit(LARGEST_FILE_BYTES + FORM_BYTES, FileTooLarge)
_BODY_LIMITS = {
    ("POST", path): _OF_A_FILE for path in ("/v1/files", "/v1/tickets/files", "/v1/tickets/files-of-members")
}


def create_runtime(
    settings: Settings, *, new_links: Callable[[HostLinkSettings | None], HostLinkPool] = HostLinkPool
) -> Runtime:
    """The database and workers that `settings` ask for; nothing connects yet.

    Raises:
        SwitchesFault: the switches can't be used as they are written.
    """
    configured = configured_switches(settings)
    database = Database(settings.sqlalchemy_url)
    vault = Vault(database, settings.keyring_path)
    addresses = AddressPolicy(private=settings.webhook_private, loopback=settings.webhook_loopback)
    webhook_settings = WorkerSettings(
        addresses,
        retain_for=timedelta(days=settings.event_retention_days),
    )
    outcomes = OutcomeBoard(database)
    contents = ContentStore(settings.files_directory, lambda: vault.streams)
    switches = Switches(
        database,
        configured,
        outcomes,
        handlers=outcome_handlers(),
        projectors=projectors,
        cipher=lambda: vault.cipher,
        new_links=new_links,
    )
    webhook_worker = WebhookWorker(database, vault, webhook_settings)
    job_runner = JobRunner(JobTools(database, vault, contents, switches, addresses), JOBS)
    database.wakers[Worker.OUTBOX].append(lambda programme: switches.of(programme).outbox_worker.wake())
    database.wakers[Worker.LEDGER].append(lambda programme: switches.of(programme).ledger_worker.wake())
    database.wakers[Worker.EVENTS].append(lambda _programme: webhook_worker.wake())
    database.wakers[Worker.JOBS].append(lambda _programme: job_runner.wake())
    return Runtime(
        settings,
        database,
        vault,
        switches,
        outcomes,
        EVENT_TYPES,
        webhook_worker,
        Passwords(),
        RateLimits(settings.requests_per_minute, settings.requests_per_minute_of_unknown),
        contents,
        job_runner,
        PERSONAL_DATA,
        FaultReports(),
        ViewCounts(database),
    )


def create_application(runtime: Runtime) -> Starlette:
    """The ASGI application on a migrated database; its lifespan runs the workers."""

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[RuntimeState]:
        await runtime.vault.open()
        workers: list[asyncio.Task[None]] = []

        def start(
            name: str,
            work: Coroutine[object, object, None],
            context: Context | None = None,
            programme_id: int | None = None,
        ) -> None:
            worker = asyncio.create_task(work, name=name, context=context)
            worker.add_done_callback(partial(_tell_crash, runtime.fault_reports, programme_id))
            workers.append(worker)

        def start_switch(code: str, programme_id: int) -> None:
            context = copy_context()
            context.run(logged_programme.set, code)
            for name, work in runtime.switches.of(programme_id).workers().items():
                start(f"{name} of {code}", work, context, programme_id)

        for code, programme_id in (await runtime.switches.find()).items():
            start_switch(code, programme_id)
        start("vault", runtime.vault.run())
        start("switches", runtime.switches.find_missing(start_switch))
        start("webhooks", runtime.event_delivery.run())
        start("job runner", runtime.job_runner.run())
        start("page views", runtime.page_views.run())
        start("fault collector", FaultCollector.of(runtime).run())
        try:
            yield {"runtime": runtime}
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await runtime.database.dispose()
            runtime.passwords.close()

    application = Starlette(lifespan=lifespan)
    # Not as a mount, which takes no path with a line feed in it.
    application.router.default = _operations()
    return application


def openapi_document() -> dict[str, Json]:
    """The OpenAPI document that the application serves."""
    return _operations().openapi()


@cache
def _operations() -> FastAPI:
    """All operations, whatever runtime they work with: making them takes longer than most requests."""
    keep_query_fields()
    application = FastAPI(
        title="Vafa host API",
        version=version("vafa"),
        description=_DESCRIPTION,
        openapi_url=documentation.OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        openapi_tags=_TAGS,
        separate_input_output_schemas=False,
        generate_unique_id_function=operation_id,
    )
    install_error_handlers(application)
    application.add_middleware(RequestLimit, limits=_BODY_LIMITS)
    for middleware in (RateLimitHeaders, RequestIds):  # the last is the outermost
        application.add_middleware(middleware)

    for router in (login_router, *PERMITTED_ROUTERS):
        # Their routes are complete; including the router would make each a second time.
        application.router.routes.extend(router.routes)
    application.include_router(downloads_router)
    application.include_router(learning_downloads_router)
    application.include_router(health_router)
    application.include_router(documentation.router)
    application.include_router(page_router)
    application.include_router(blog_pages_router)
    application.mount("/docs/assets", documentation.assets())
    install_openapi(application, _EVERYWHERE)
    return application


def _tell_crash(reports: FaultReports, programme_id: int | None, worker: asyncio.Task[None]) -> None:
    if not worker.cancelled() and (error := worker.exception()) is not None:
        _log.error("%s ended unexpectedly", worker.get_name(), exc_info=error)
        reports.report(of_worker(worker.get_name(), error, programme_id))
