"""Puts the application together: database, workers, services, errors and documentation."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

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
    problem_responses,
)
from host_api.core.feed_projection import FeedProjection, feed_settings
from host_api.core.files.content_store import ContentStore
from host_api.core.files.file_table import LARGEST_FILE_BYTES
from host_api.core.files.upload import FORM_BYTES, FileTooLarge
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.host_link.settings import HostLinkSettings
from host_api.core.jobs.runner import JobRunner
from host_api.core.jobs.running import JobTools
from host_api.core.ledger.outcomes import OutcomeBoard
from host_api.core.ledger.worker import LedgerWorker
from host_api.core.openapi_document import install_openapi
from host_api.core.outbox_worker import OutboxWorker
from host_api.core.passwords import Passwords
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.rate_limit import RateLimited, RateLimitHeaders, RateLimits
from host_api.core.request_id import RequestIds
from host_api.core.request_limit import BodyLimit, RequestLimit
from host_api.core.runtime import Runtime
from host_api.core.settings import Settings
from host_api.core.status import health_router
from host_api.services.catalogue import EVENT_TYPES, JOBS, PERMITTED_ROUTERS, outcome_handlers, projectors
from host_api.services.files.downloads import downloads_router
from host_api.services.webhooks.addresses import AddressPolicy
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
    {"name": "auth", "description": "Logging in, and one's own account · ورود و حساب خود"},
    {"name": "members", "description": "Members and their balances · اعضا و مانده‌ها"},
    {"name": "cards", "description": "Cards and their issue · کارت‌ها"},
    {"name": "merchants", "description": "Merchants and branches · پذیرنده‌ها و شعبه‌ها"},
    {"name": "terminals", "description": "Terminals · پایانه‌ها"},
    {"name": "transactions", "description": "Transactions from the journal · تراکنش‌ها"},
    {"name": "events", "description": "What happened, in order, and its types · رویدادها"},
    {"name": "webhooks", "description": "Events posted to integrators, signed · وب‌هوک‌ها"},
    {"name": "users", "description": "Users of the back office · کاربران"},
    {"name": "roles", "description": "Roles and their permissions · نقش‌ها"},
    {"name": "api-keys", "description": "Keys for programs · کلیدهای API"},
    {"name": "audit", "description": "Who changed what · ردّ تغییرها"},
    {"name": "modules", "description": "Modules, their help and their switches · بخش‌ها"},
    {"name": "programmes", "description": "Clubs of this host API · برنامه‌ها"},
    {"name": "points", "description": "Points administration, by two persons · مدیریت امتیازها"},
    {"name": "reconciliation", "description": "Requests, projection and switch compared · مغایرت‌گیری"},
    {"name": "files", "description": "Files given and made · فایل‌ها"},
    {"name": "jobs", "description": "Scheduled jobs and their runs · کارهای زمان‌بندی‌شده"},
    {"name": "status", "description": "Outbox, host link and projection · وضعیت"},
    {"name": "health", "description": "Checks for machines, without a key · سلامت"},
]

_BODY_LIMITS = {("POST", "/v1/files"): BodyLimit(LARGEST_FILE_BYTES + FORM_BYTES, FileTooLarge)}


def create_runtime(settings: Settings) -> Runtime:
    """The database and workers that `settings` ask for; nothing connects yet."""
    database = Database(settings.sqlalchemy_url)
    endpoint = settings.switch_endpoint
    link = (
        None
        if endpoint is None
        else HostLinkSettings(endpoint, settings.host_id, settings.master_key_path, links=settings.host_links)
    )
    vault = Vault(database, settings.keyring_path)
    webhook_settings = WorkerSettings(
        AddressPolicy(private=settings.webhook_private, loopback=settings.webhook_loopback),
        retain_for=timedelta(days=settings.event_retention_days),
    )
    links = HostLinkPool(link)
    outcomes = OutcomeBoard(database)
    contents = ContentStore(settings.files_directory, lambda: vault.streams)
    return Runtime(
        settings,
        database,
        vault,
        links,
        OutboxWorker(database, FIRST_PROGRAMME, links),
        LedgerWorker(database, FIRST_PROGRAMME, links, outcome_handlers(), outcomes),
        outcomes,
        FeedProjection(database, FIRST_PROGRAMME, projectors(), feed_settings(settings)),
        EVENT_TYPES,
        WebhookWorker(database, vault, webhook_settings),
        Passwords(),
        RateLimits(settings.requests_per_minute, settings.requests_per_minute_of_unknown),
        contents,
        JobRunner(JobTools(database, vault, contents), JOBS),
    )


def create_application(runtime: Runtime) -> FastAPI:
    """The ASGI application on a migrated database; its lifespan runs the workers."""

    @asynccontextmanager
    async def lifespan(_application: FastAPI) -> AsyncIterator[None]:
        await runtime.vault.open()
        workers = [
            asyncio.create_task(runtime.vault.run(), name="vault"),
            asyncio.create_task(runtime.host_links.run(), name="host links"),
            asyncio.create_task(runtime.outbox_worker.run(), name="outbox worker"),
            asyncio.create_task(runtime.ledger_worker.run(), name="ledger worker"),
            asyncio.create_task(runtime.feed_projection.run(), name="feed projection"),
            asyncio.create_task(runtime.event_delivery.run(), name="webhooks"),
            asyncio.create_task(runtime.job_runner.run(), name="job runner"),
        ]
        for worker in workers:
            worker.add_done_callback(_log_crash)
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await runtime.database.dispose()
            runtime.passwords.close()

    application = FastAPI(
        title="Vafa host API",
        version=version("vafa"),
        description=_DESCRIPTION,
        openapi_url=documentation.OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        openapi_tags=_TAGS,
        lifespan=lifespan,
    )
    application.state.runtime = runtime
    install_error_handlers(application)
    application.add_middleware(RequestLimit, limits=_BODY_LIMITS)
    for middleware in (RateLimitHeaders, RequestIds):  # the last is the outermost
        application.add_middleware(middleware)

    v1 = APIRouter(
        prefix="/v1",
        responses=problem_responses(
            Unauthorised,
            NotPermitted,
            PasswordChangeNeeded,
            ModuleSwitchedOff,
            BodyTooLarge,
            ValidationFailed,
            RateLimited,
            Problem,
            DatabaseUnavailable,
        ),
    )
    for router in (login_router, *PERMITTED_ROUTERS):
        v1.include_router(router)
    application.include_router(v1)
    application.include_router(downloads_router)
    application.include_router(health_router)
    application.include_router(documentation.router)
    application.mount("/docs/assets", documentation.assets())
    install_openapi(application)
    return application


def _log_crash(worker: asyncio.Task[None]) -> None:
    if not worker.cancelled() and (error := worker.exception()) is not None:
        _log.error("%s ended unexpectedly", worker.get_name(), exc_info=error)
