"""What the application takes from credit packages."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import stays
from host_api.core.service import Service, StatusPart
from host_api.services.credit_packages import logic, models
from host_api.services.credit_packages.accruing_job import ACCRUE_CREDIT
from host_api.services.credit_packages.contract_routes import contract_router
from host_api.services.credit_packages.contracts import SERVICE as NAME
from host_api.services.credit_packages.events import CONTRACT_IN_FORCE, INSTALMENT_DUE
from host_api.services.credit_packages.models import CreditContract, CreditPayment, CreditTurnover
from host_api.services.credit_packages.personal_data import PERSONAL_DATA
from host_api.services.credit_packages.reading_job import READ_CREDIT_USE
from host_api.services.credit_packages.routes import router

_FOLLOWS = "goes over with what is owed when the merge is approved"

SERVICE = Service(
    name="credit_packages",
    title="Credit packages",
    title_fa="بسته‌های اعتباری",
    tags={"credit packages": "Credit packages, their use, interest and payment · بسته‌های اعتباری"},
    routers=(contract_router, router),
    tables=(models,),
    jobs=(READ_CREDIT_USE, ACCRUE_CREDIT),
    event_types=(CONTRACT_IN_FORCE, INSTALMENT_DUE),
    outcomes={NAME: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED, StatusPart.JOBS),
    notices=logic.notices,
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(CreditContract.member_id, _FOLLOWS),
        stays(CreditPayment.member_id, _FOLLOWS),
        stays(CreditTurnover.member_id, _FOLLOWS),
    ),
)
