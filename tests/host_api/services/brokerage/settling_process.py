"""A process that settles imported trades in small steps until it is killed; a line for each step."""

import asyncio
import sys

from sqlalchemy import make_url

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.services.brokerage import settling
from tests.host_api.services.brokerage.trade_bench import CALLER
from tests.host_api.services.referral_network.network_bench import Club


async def _settle(url: str) -> None:
    club = Club(Database(make_url(url)))
    count = 1
    while count:
        async with club.writing() as session:
            count = await settling.settle_trades(session, CALLER, utc_now(), 10)
        print(count, flush=True)


if __name__ == "__main__":
    asyncio.run(_settle(sys.argv[1]))
