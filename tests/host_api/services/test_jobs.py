"""Jobs for people: what there is, what runs, starting and cancelling; and a process that is killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.jobs.run_table import JobRun
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.host_api.services.bulk_calls import csv_of, mobile

pytestmark = pytest.mark.anyio


async def test_the_kinds_of_jobs_tell_their_schedules(api: RunningApi) -> None:
    kinds = {kind["name"]: kind for kind in (await api.client.get("/v1/job-kinds")).json()}
    assert kinds["prune-job-runs"]["schedule"] == "daily 03:10"
    assert kinds["prune-answered-requests"]["schedule"] == "every 3600 s"
    assert (kinds["bulk-import"]["schedule"], kinds["bulk-import"]["is_on_demand"]) == (None, False)


async def test_a_job_is_started_and_its_run_read(api: RunningApi) -> None:
    begun = await post(api, "/v1/jobs/prune-answered-requests/runs", {}, 202)
    assert (begun["state"], begun["started_by"], begun["due_at"]) == ("waiting", "first key", None)

    async def is_done() -> bool:
        return (await get(api, f"/v1/jobs/{begun['id']}"))["state"] == "succeeded"

    await eventually(is_done)
    assert (await get(api, f"/v1/jobs/{begun['id']}"))["outcome"] == {"deleted": 0}
    found = items_of(await get(api, "/v1/jobs", job="prune-answered-requests", state="succeeded"))
    # Where a full hour has just struck, there is the schedule's run too.
    assert begun["id"] in [run["id"] for run in found]
    status = (await get(api, "/v1/status"))["jobs"]
    assert isinstance(status, dict)
    assert (status["failed"], status["last_error"]) == (0, None)


async def test_wishes_that_can_not_be_met(api: RunningApi) -> None:
    for path, body, status, kind in (
        ("/v1/jobs/no-such-job/runs", {}, 404, "job-not-found"),
        ("/v1/jobs/bulk-import/runs", {}, 409, "job-not-on-demand"),
        ("/v1/jobs/prune-job-runs/runs", {"arguments": {"days": 3}}, 422, "validation-failed"),
        ("/v1/jobs/999/cancel", None, 404, "job-run-not-found"),
    ):
        answer = await post(api, path, body, status)
        assert answer["type"] == f"urn:vafa:problem:{kind}"
    assert (await api.client.get("/v1/jobs/999")).status_code == 404


async def test_a_waiting_run_is_cancelled_once(api: RunningApi) -> None:
    async def is_made() -> bool:
        return bool(items_of(await get(api, "/v1/jobs", job="prune-job-runs", state="waiting")))

    await eventually(is_made)
    run = items_of(await get(api, "/v1/jobs", job="prune-job-runs"))[0]
    cancelled = await post(api, f"/v1/jobs/{run['id']}/cancel", None, 202)
    assert (cancelled["state"], cancelled["is_cancel_wanted"]) == ("cancelled", True)
    again = await post(api, f"/v1/jobs/{run['id']}/cancel", None, 409)
    assert again["type"] == "urn:vafa:problem:job-run-finished"


@contextmanager
def _process(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VAFA_")}
    own = {
        "VAFA_HOST_API_VAR_DIRECTORY": str(settings.var_directory),
        "VAFA_HOST_API_DATABASE_URL": settings.database_url.get_secret_value(),
        "VAFA_HOST_API_PORT": "0",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "host_api"],
        env=inherited | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["http"]
        key = settings.api_key_path.read_text("ascii").strip()
        try:
            with httpx2.Client(
                base_url=f"http://{address}", headers={"X-API-Key": key}, timeout=60, trust_env=False
            ) as client:
                yield process, client
        finally:
            process.kill()


async def test_an_import_whose_process_is_killed_is_done_by_the_next(
    database: Database, settings: Settings
) -> None:
    rows = [("name", "mobile"), *((f"n{number}", mobile(number)) for number in range(3000))]
    with _process(settings) as (process, client):
        file_id = client.post("/v1/files", files={"file": ("f.csv", csv_of(rows))}).json()["id"]
        begun = client.post("/v1/members/imports", json={"file_id": file_id}).json()
        path = f"/v1/members/imports/{begun['id']}"

        def is_running() -> bool:
            return str(client.get(path).json()["state"]) == "running"

        await eventually(is_running)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    drafts = settings.files_directory / str(FIRST_PROGRAMME) / "drafts"
    async with database.writing(FIRST_PROGRAMME) as session:  # a minute later
        await session.execute(
            update(JobRun).where(JobRun.id == begun["job_run_id"]).values(lease_until=utc_now())
        )
    with _process(settings) as (_, client):

        def is_done() -> bool:
            return str(client.get(path).json()["state"]) == "done"

        await eventually(is_done, 120)
        done = client.get(path).json()
        assert (done["created"], done["rows"]) == (3000, 3000)

        def is_over() -> bool:  # the run ends after what it did
            return str(client.get(f"/v1/jobs/{begun['job_run_id']}").json()["state"]) == "succeeded"

        await eventually(is_over)
        assert client.get(f"/v1/jobs/{begun['job_run_id']}").json()["attempts"] == 2
        members = client.get("/v1/members", params={"sort": "-id", "limit": 1}).json()["items"]
        assert members[0]["id"] == 3000 if database.is_sqlite else members[0]["id"] >= 3000
        exported = client.get("/v1/members/export", params={"columns": "mobile"}).text.split()
        assert len(set(exported)) == 3001
    assert _only_sealed(drafts)


def _only_sealed(folder: Path) -> bool:
    """What a killed process left holds nothing in clear."""
    return all(b"n2999" not in path.read_bytes() for path in folder.iterdir())
