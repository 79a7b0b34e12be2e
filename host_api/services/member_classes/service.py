"""What the application takes from the member classes service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.member_classes.block_list import models as block_models
from host_api.services.member_classes.block_list.events import BLOCK_ENDED, BLOCK_ENTERED
from host_api.services.member_classes.block_list.job import APPLY_BLOCK_LIST
from host_api.services.member_classes.block_list.models import BlockEntry
from host_api.services.member_classes.block_list.personal_data import BLOCK_DATA
from host_api.services.member_classes.block_list.routes import router as block_router
from host_api.services.member_classes.credit_users import models as credit_models
from host_api.services.member_classes.credit_users.events import CREDIT_ENDED, CREDIT_GRANTED
from host_api.services.member_classes.credit_users.job import EXPIRE_CREDIT
from host_api.services.member_classes.credit_users.models import CreditUser
from host_api.services.member_classes.credit_users.personal_data import CREDIT_DATA
from host_api.services.member_classes.credit_users.routes import router as credit_router

SERVICE = Service(
    name="member_classes",
    title="Credit and not-permitted users",
    title_fa="کاربران اعتباری و غیرمجاز",
    tags={
        "credit users": "Members with credit · کاربران اعتباری",
        "block list": "Those not permitted · کاربران غیرمجاز",
    },
    routers=(credit_router, block_router),
    tables=(credit_models, block_models),
    jobs=(EXPIRE_CREDIT, APPLY_BLOCK_LIST),
    event_types=(CREDIT_GRANTED, CREDIT_ENDED, BLOCK_ENTERED, BLOCK_ENDED),
    personal_data=(CREDIT_DATA, BLOCK_DATA),
    member_rows=(
        stays(BlockEntry.member_id, "that record was blocked, and why, is history"),
        stays(CreditUser.member_id, "a ceiling is granted to one record by two persons"),
    ),
)
