"""All services of the host API: their routers, jobs, part in projection and ledger, and all tables."""

from host_api.core import audit, feed_position, idempotency, outbox, programmes
from host_api.core.access import api_keys, login_failures, module_switches, users
from host_api.core.bulk import import_table
from host_api.core.bulk.import_job import import_job
from host_api.core.encryption import vault
from host_api.core.events import models as events_models
from host_api.core.events.event_type import EventCatalogue
from host_api.core.feed_projection import Projector
from host_api.core.files import file_table
from host_api.core.files.sweep import SWEEP_FILES
from host_api.core.jobs import run_table
from host_api.core.jobs.upkeep import UPKEEP
from host_api.core.ledger import requests as ledger_requests
from host_api.core.ledger.outcomes import Handlers
from host_api.core.status import status_router
from host_api.core.tables import Base
from host_api.services.administrators import access as administrators_access
from host_api.services.administrators.routes import ROUTERS as ADMINISTRATORS_ROUTERS
from host_api.services.cards import models as cards_models
from host_api.services.cards.events import CARD_ISSUED
from host_api.services.cards.routes import router as cards_router
from host_api.services.events.routes import router as events_router
from host_api.services.files.routes import router as files_router
from host_api.services.jobs.routes import router as jobs_router
from host_api.services.members import models as members_models
from host_api.services.members.bulk import MEMBERS_IMPORT
from host_api.services.members.bulk_routes import router as members_bulk_router
from host_api.services.members.events import MEMBER_JOINED
from host_api.services.members.routes import router as members_router
from host_api.services.merchants import models as merchants_models
from host_api.services.merchants.events import BRANCH_OPENED, MERCHANT_REGISTERED
from host_api.services.merchants.export import router as merchants_export_router
from host_api.services.merchants.routes import router as merchants_router
from host_api.services.points import logic as points
from host_api.services.points import models as points_models
from host_api.services.points.routes import router as points_router
from host_api.services.reconciliation import models as reconciliation_models
from host_api.services.reconciliation.routes import router as reconciliation_router
from host_api.services.terminals import models as terminals_models
from host_api.services.terminals.events import TERMINAL_REGISTERED
from host_api.services.terminals.export import router as terminals_export_router
from host_api.services.terminals.routes import router as terminals_router
from host_api.services.transactions import models as transactions_models
from host_api.services.transactions.events import TRANSACTION_RECORDED, TransactionTeller
from host_api.services.transactions.projection import TransactionProjector
from host_api.services.transactions.routes import router as transactions_router
from host_api.services.webhooks import models as webhooks_models
from host_api.services.webhooks.events import WEBHOOK_SWITCHED_OFF, WEBHOOK_TESTED
from host_api.services.webhooks.routes import router as webhooks_router

# Of two addresses that a path fits, the first is meant: exports stand before single records.
ROUTERS = (
    members_bulk_router,
    members_router,
    cards_router,
    merchants_export_router,
    merchants_router,
    terminals_export_router,
    terminals_router,
    transactions_router,
    events_router,
    webhooks_router,
    points_router,
    reconciliation_router,
    files_router,
    jobs_router,
    *ADMINISTRATORS_ROUTERS,
)

# Everything under /v1 that asks for a permission.
PERMITTED_ROUTERS = (*ROUTERS, status_router)

# Permissions that no route asks for, but logic does.
ASKED_IN_LOGIC = (administrators_access.AUDIT_OPEN,)

JOBS = (*UPKEEP, SWEEP_FILES, import_job([MEMBERS_IMPORT]))

# A module named here has put its tables into the metadata by being imported.
TABLE_MODULES = (
    programmes,
    vault,
    api_keys,
    users,
    login_failures,
    module_switches,
    audit,
    idempotency,
    feed_position,
    outbox,
    events_models,
    ledger_requests,
    run_table,
    file_table,
    import_table,
    members_models,
    cards_models,
    merchants_models,
    terminals_models,
    transactions_models,
    webhooks_models,
    points_models,
    reconciliation_models,
)
METADATA = Base.metadata

EVENT_TYPES = EventCatalogue(
    (
        MEMBER_JOINED,
        CARD_ISSUED,
        MERCHANT_REGISTERED,
        BRANCH_OPENED,
        TERMINAL_REGISTERED,
        TRANSACTION_RECORDED,
        WEBHOOK_TESTED,
        WEBHOOK_SWITCHED_OFF,
    )
)


def projectors() -> tuple[Projector, ...]:
    """The services' parts in the feed projection, in the order they are applied."""
    return (TransactionProjector(), TransactionTeller())


def outcome_handlers() -> Handlers:
    """What services do with the outcomes of their requests to the ledger, by the name they ask under."""
    return {points.SERVICE: points.on_outcome}
