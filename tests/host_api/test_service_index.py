"""The index of services, over the API and as the page that people open."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from host_api.client.models.jobs import JobRunCreate
from host_api.client.models.members import MemberCreate
from host_api.core.access.module_switches import SwitchedOffModule
from host_api.core.application import create_runtime
from host_api.core.clock import utc_now
from host_api.core.jobs.run_table import JobRun
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.catalogue import SERVICES
from tests.host_api.contract_api import ContractApi, serving
from tests.host_api.eventually import eventually
from tests.host_api.running_api import RunningApi
from tests.simulator.screen.chromium import Watched, browser_here

WIDTHS = {"phone": 360, "wide": 1280}


@pytest.mark.anyio
async def test_each_service_tells_how_it_stands(api: RunningApi) -> None:
    await api.calls.members.create_member(MemberCreate(name="Sara"))
    run = await api.calls.jobs.start_job("prune-job-runs", JobRunCreate())

    async def is_over() -> bool:
        return (await api.calls.jobs.read_job_run(run.id)).state == "succeeded"

    await eventually(is_over)
    found = {service.name: service for service in (await api.calls.status.list_services()).items}
    assert list(found) == [service.name for service in SERVICES]
    members = found["members"]
    assert (members.state, members.events) == ("working", 1)
    assert members.last_event_at is not None
    assert members.operations == members.tags[0].operations > 5
    assert ("members", True) in {(module.name, module.is_on) for module in members.modules}
    assert [worker.name for worker in members.workers] == ["outbox"]
    jobs = {job.name: job for job in found["jobs"].jobs}
    assert jobs["prune-job-runs"].last_state == "succeeded"
    assert jobs["prune-answered-requests"].last_state in {None, "succeeded"}
    document = (await api.client.get("/openapi.json")).json()
    counts = {tag["name"]: 0 for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            counts[operation["tags"][0]] += path.startswith("/v1")
    for service in found.values():
        for tag in service.tags:
            assert tag.operations == counts[tag.name], tag


@pytest.mark.anyio
async def test_a_service_that_failed_or_is_switched_off_says_so(api: RunningApi) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        session.add(SwitchedOffModule(module="reconciliation", since=utc_now()))
        values = {"attempts": 4, "is_cancel_wanted": False, "checkpoint": {}, "progress_done": 0}
        caller = {"started_by_kind": "system", "started_by_id": "x", "started_by_name": "x"}
        now = utc_now()
        session.add(
            JobRun(
                **values,
                **caller,
                job="sweep-files",
                arguments={},
                state="failed",
                run_at=now,
                created_at=now,
                finished_at=now,
                error_kind="internal",
            )
        )
    found = {service.name: service for service in (await api.calls.status.list_services()).items}
    assert (found["reconciliation"].state, found["jobs"].state) == ("off", "attention")
    assert [job.failures for job in found["jobs"].jobs if job.name == "sweep-files"] == [1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browser_here() as found:
        yield found


@pytest.fixture(scope="module")
def served(prepared_sqlite: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContractApi]:
    # Of its own: what is prepared is copied for other tests.
    directory = tmp_path_factory.mktemp("index")
    shutil.copytree(prepared_sqlite.keys_directory, directory / "keys")
    shutil.copyfile(prepared_sqlite.sqlalchemy_url.database or "", directory / "host_api.sqlite3")
    settings = Settings.model_validate({"var_directory": directory})
    with serving(create_runtime(settings)) as api:
        yield api


@pytest.fixture(params=["en", "fa"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_shows_every_service_with_its_state(
    browser: Browser, served: ContractApi, language: str, width: int
) -> None:
    dark = "dark" if language == "fa" else "light"
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale="fa-IR" if language == "fa" else "en-GB",
        color_scheme=dark,  # type: ignore[arg-type]
    )
    watched = Watched(context, served.base_url)
    page = watched.page
    try:
        answer = page.goto(f"{served.base_url}/services")
        assert answer is not None
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        html = page.locator("html")
        expect(html).to_have_attribute("lang", language)
        expect(html).to_have_attribute("dir", "rtl" if language == "fa" else "ltr")
        expect(page.locator("article")).to_have_count(len(SERVICES))
        members = page.locator("[data-service=members]")
        expect(members).to_have_attribute("data-state", "unknown")
        expect(members.locator("h2")).to_have_text("اعضا" if language == "fa" else "Members")
        assert _overflow(page) == 0
        page.locator("#key").fill(served.headers["X-API-Key"])
        page.keyboard.press("Enter")
        expect(members).to_have_attribute("data-state", "working")
        expect(members.locator(".state")).to_have_text("برقرار" if language == "fa" else "working")
        assert page.locator("#key").input_value() == ""
        page.reload()  # the key stays in the tab
        expect(members).to_have_attribute("data-state", "working")
        assert _overflow(page) == 0
        page.locator("nav a").last.click()
        expect(html).to_have_attribute("lang", "en" if language == "fa" else "fa")
        page.locator("[data-service=cards] .tags a").first.click()
        expect(page.locator("#swagger-ui .info .title")).to_be_visible(timeout=60_000)
    finally:
        context.close()
    assert watched.faults == []


def test_a_wrong_key_is_told_and_not_kept(browser: Browser, served: ContractApi) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    try:
        page.goto(f"{served.base_url}/services")
        page.locator("#key").fill("nonsense")
        page.locator("button").click()
        expect(page.locator("#told")).to_have_text("The key was not accepted.")
        assert page.evaluate("sessionStorage.length") == 0
        expect(page.locator("[data-service=members]")).to_have_attribute("data-state", "unknown")
    finally:
        context.close()
