"""All services of the host API, and what they make together."""

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
from host_api.core.member_rows import stays
from host_api.core.resealing.jobs import KEY_JOBS
from host_api.core.service_index.routes import index_router
from host_api.core.status import status_router
from host_api.core.tables import Base
from host_api.services.achievements.service import SERVICE as ACHIEVEMENTS
from host_api.services.administrators.service import SERVICE as ADMINISTRATORS
from host_api.services.agreements.service import SERVICE as AGREEMENTS
from host_api.services.blog.service import SERVICE as BLOG
from host_api.services.brokerage.service import SERVICE as BROKERAGE
from host_api.services.budgets.service import SERVICE as BUDGETS
from host_api.services.campaigns.service import SERVICE as CAMPAIGNS
from host_api.services.cards.service import SERVICE as CARDS
from host_api.services.cash_outs.service import SERVICE as CASH_OUTS
from host_api.services.coalition.service import SERVICE as COALITION
from host_api.services.content.service import SERVICE as CONTENT
from host_api.services.contests.service import SERVICE as CONTESTS
from host_api.services.credit_conversions.service import SERVICE as CREDIT_CONVERSIONS
from host_api.services.credit_grants.service import SERVICE as CREDIT_GRANTS
from host_api.services.credit_packages.service import SERVICE as CREDIT_PACKAGES
from host_api.services.dashboards.service import SERVICE as DASHBOARDS
from host_api.services.discount_codes.service import SERVICE as DISCOUNT_CODES
from host_api.services.disputes.service import SERVICE as DISPUTES
from host_api.services.draws.service import SERVICE as DRAWS
from host_api.services.earning_events.service import SERVICE as EARNING_EVENTS
from host_api.services.events.service import SERVICE as EVENTS
from host_api.services.fault_finder.service import SERVICE as FAULT_FINDER
from host_api.services.festivals.service import SERVICE as FESTIVALS
from host_api.services.files.service import SERVICE as FILES
from host_api.services.groups.service import SERVICE as GROUPS
from host_api.services.guests.service import SERVICE as GUESTS
from host_api.services.guilds.service import SERVICE as GUILDS
from host_api.services.households.service import SERVICE as HOUSEHOLDS
from host_api.services.instalment_sales.service import SERVICE as INSTALMENT_SALES
from host_api.services.jobs.service import SERVICE as JOBS_SERVICE
from host_api.services.joining.service import SERVICE as JOINING
from host_api.services.learning.service import SERVICE as LEARNING
from host_api.services.lotteries.service import SERVICE as LOTTERIES
from host_api.services.marketers.service import SERVICE as MARKETERS
from host_api.services.member_classes.service import SERVICE as MEMBER_CLASSES
from host_api.services.member_merging.row_moving import row_moving_job
from host_api.services.member_merging.service import SERVICE as MEMBER_MERGING
from host_api.services.member_scoring.service import SERVICE as MEMBER_SCORING
from host_api.services.members.service import SERVICE as MEMBERS
from host_api.services.merchants.service import SERVICE as MERCHANTS
from host_api.services.messages.service import SERVICE as MESSAGES
from host_api.services.offers.service import SERVICE as OFFERS
from host_api.services.operators.service import SERVICE as OPERATORS
from host_api.services.organisations.service import SERVICE as ORGANISATIONS
from host_api.services.paid_notices.service import SERVICE as PAID_NOTICES
from host_api.services.partner_spending.service import SERVICE as PARTNER_SPENDING
from host_api.services.point_transfers.service import SERVICE as POINT_TRANSFERS
from host_api.services.points.service import SERVICE as POINTS
from host_api.services.privacy.jobs import privacy_jobs
from host_api.services.privacy.service import SERVICE as PRIVACY
from host_api.services.prizes.service import SERVICE as PRIZES
from host_api.services.products.service import SERVICE as PRODUCTS
from host_api.services.programme_templates.service import SERVICE as PROGRAMME_TEMPLATES
from host_api.services.public_bodies.service import SERVICE as PUBLIC_BODIES
from host_api.services.purses.service import SERVICE as PURSES
from host_api.services.reconciliation.service import SERVICE as RECONCILIATION
from host_api.services.referral_network.service import SERVICE as REFERRAL_NETWORK
from host_api.services.risk.service import SERVICE as RISK
from host_api.services.rules.service import SERVICE as RULES
from host_api.services.sales.service import SERVICE as SALES
from host_api.services.sectors.service import SERVICE as SECTORS
from host_api.services.sellers.service import SERVICE as SELLERS
from host_api.services.shop.service import SERVICE as SHOP
from host_api.services.statements.service import SERVICE as STATEMENTS
from host_api.services.stock.service import SERVICE as STOCK
from host_api.services.store_accounts.service import SERVICE as STORE_ACCOUNTS
from host_api.services.storefronts.service import SERVICE as STOREFRONTS
from host_api.services.sub_clubs.service import SERVICE as SUB_CLUBS
from host_api.services.terminals.service import SERVICE as TERMINALS
from host_api.services.tickets.service import SERVICE as TICKETS
from host_api.services.tiers.service import SERVICE as TIERS
from host_api.services.traces.service import SERVICE as TRACES
from host_api.services.trading_credit.service import SERVICE as TRADING_CREDIT
from host_api.services.transaction_requests.service import SERVICE as TRANSACTION_REQUESTS
from host_api.services.transactions.service import SERVICE as TRANSACTIONS
from host_api.services.wallet.service import SERVICE as WALLET
from host_api.services.webhooks.service import SERVICE as WEBHOOKS
from host_api.services.wheels.service import SERVICE as WHEELS

# In this order people see them.
SERVICES = (
    DASHBOARDS,
    MEMBERS,
    JOINING,
    MESSAGES,
    HOUSEHOLDS,
    MEMBER_CLASSES,
    GUESTS,
    MEMBER_MERGING,
    PRIVACY,
    TICKETS,
    TIERS,
    GROUPS,
    ORGANISATIONS,
    PUBLIC_BODIES,
    SUB_CLUBS,
    STATEMENTS,
    CARDS,
    MERCHANTS,
    GUILDS,
    SECTORS,
    TERMINALS,
    OPERATORS,
    PRODUCTS,
    STOCK,
    SALES,
    STORE_ACCOUNTS,
    TRANSACTIONS,
    TRACES,
    TRANSACTION_REQUESTS,
    DISPUTES,
    POINTS,
    CASH_OUTS,
    POINT_TRANSFERS,
    PARTNER_SPENDING,
    COALITION,
    SELLERS,
    STOREFRONTS,
    INSTALMENT_SALES,
    PAID_NOTICES,
    TRADING_CREDIT,
    BROKERAGE,
    EARNING_EVENTS,
    ACHIEVEMENTS,
    MEMBER_SCORING,
    DISCOUNT_CODES,
    PRIZES,
    PURSES,
    WALLET,
    SHOP,
    BUDGETS,
    CREDIT_GRANTS,
    CREDIT_CONVERSIONS,
    CREDIT_PACKAGES,
    OFFERS,
    CAMPAIGNS,
    DRAWS,
    LOTTERIES,
    FESTIVALS,
    CONTESTS,
    WHEELS,
    REFERRAL_NETWORK,
    MARKETERS,
    CONTENT,
    BLOG,
    LEARNING,
    RISK,
    RULES,
    RECONCILIATION,
    EVENTS,
    WEBHOOKS,
    FILES,
    JOBS_SERVICE,
    FAULT_FINDER,
    ADMINISTRATORS,
    AGREEMENTS,
    PROGRAMME_TEMPLATES,
)

# Everything under /v1 that asks for a permission.
PERMITTED_ROUTERS = (
    *(router for service in SERVICES for router in service.routers),
    status_router,
    index_router,
)

ASKED_IN_LOGIC = tuple(permission for service in SERVICES for permission in service.asked_in_logic)

# In this order they are exported, and erased.
PERSONAL_DATA = tuple(part for service in SERVICES for part in service.personal_data)

# What becomes of rows that name a member whose record is merged.
MEMBER_ROWS = (
    stays(ledger_requests.LedgerRequest.member_id, "what was asked of the ledger is history"),
    stays(ledger_requests.LedgerRequest.other_member_id, "what was asked of the ledger is history"),
    *(rows for service in SERVICES for rows in service.member_rows),
)

JOBS = (
    *UPKEEP,
    SWEEP_FILES,
    *KEY_JOBS,
    import_job([kind for service in SERVICES for kind in service.imports]),
    *privacy_jobs(PERSONAL_DATA),
    row_moving_job(MEMBER_ROWS),
    *(job for service in SERVICES for job in service.jobs),
)

# The frame's own tables; a module of tables has put them into the metadata by being imported.
CORE_TABLES = (
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
)
METADATA = Base.metadata

EVENT_TYPES = EventCatalogue(kind for service in SERVICES for kind in service.event_types)

TAGS = {name: told for service in SERVICES for name, told in service.tags.items()}


def projectors() -> tuple[Projector, ...]:
    """The services' parts in the feed projection, in the order they are applied."""
    return tuple(make() for service in SERVICES for make in service.projectors)


def outcome_handlers() -> Handlers:
    """What services do with the outcomes of their requests to the ledger, by the name they ask under."""
    return {name: handler for service in SERVICES for name, handler in service.outcomes.items()}
