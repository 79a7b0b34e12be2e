"""The program in the back office's page works as it is pasted."""

import asyncio
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from pydantic import SecretStr

from host_api.core.application import create_runtime
from host_api.core.database import Database
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from tests.host_api.running_api import running_api

ROOT = Path(__file__).parents[2]


async def _prepare(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url)
    await prepare_database(database, settings)
    await database.dispose()


def test_the_client_s_program_works(tmp_path: Path) -> None:
    page = (ROOT / "docs/back-office.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(import asyncio\n.*?)```", page, re.DOTALL)
    settings = Settings(database_url=SecretStr(""), var_directory=tmp_path / "var")
    asyncio.run(_prepare(settings))
    served = running_api(create_runtime(settings))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(served) as api:
        for name in ("Sara", "Reza"):
            made = portal.call(partial(api.client.post, "/v1/members", json={"name": name}))
            assert made.status_code == 201
        done = subprocess.run(
            [sys.executable, "-c", program.replace("http://127.0.0.1:PORT", api.base_url)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[1:] for line in done.stdout.splitlines()[:-1]] == [
        ["Sara", "initial"],
        ["Reza", "initial"],
        ["Sara", "initial"],
    ]
    assert done.stdout.splitlines()[-1] == "عضوی با این شناسه وجود ندارد."
