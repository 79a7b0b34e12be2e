"""What the application takes from the lotteries service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.lotteries import entering, models
from host_api.services.lotteries.definitions import SERVICE as NAME
from host_api.services.lotteries.events import LOTTERY_CANCELLED, LOTTERY_DRAWN, LOTTERY_WON
from host_api.services.lotteries.jobs import JOB
from host_api.services.lotteries.member_routes import member_router
from host_api.services.lotteries.models import LotteryEntry, LotteryMember, LotteryWin
from host_api.services.lotteries.personal_data import PERSONAL_DATA
from host_api.services.lotteries.routes import router

SERVICE = Service(
    name="lotteries",
    title="Lotteries",
    title_fa="قرعه‌کشی",
    tags={
        "lotteries": "Lotteries that every member can check · قرعه‌کشی راستی‌آزمودنی",
    },
    routers=(router, member_router),
    tables=(models,),
    jobs=(JOB,),
    event_types=(LOTTERY_CANCELLED, LOTTERY_DRAWN, LOTTERY_WON),
    outcomes={NAME: one_by_one(entering.on_outcome)},
    status_parts=(StatusPart.JOBS, StatusPart.LEDGER),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(LotteryEntry.member_id, IN_THE_LEDGER),
        stays(LotteryMember.member_id, "counts the entries, which stay"),
        stays(
            LotteryWin.member_id,
            "a published draw doesn't change; the surviving record wins",
        ),
    ),
)
