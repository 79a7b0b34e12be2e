"""A process that sends what is queued, so that a test can kill it: settings as JSON in its only argument."""

import asyncio
import sys
from dataclasses import replace

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.settings import Settings
from host_api.services.messages.sending.job import SENDING
from tests.host_api.core.jobs.working_jobs import Runners, tools_on


async def _main() -> None:
    settings = Settings.model_validate_json(sys.argv[1])
    database = Database(settings.sqlalchemy_url)
    tools = replace(await tools_on(database, settings), addresses=AddressPolicy(loopback=True))
    runners = Runners(tools, SENDING)
    runners.clock.now = utc_now()
    await runners.enqueue(SENDING.name)
    await runners.work_off(runners.new())
    await database.dispose()


asyncio.run(_main())
