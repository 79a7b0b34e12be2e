"""`vafa bench host-api` on real databases, made small: its names, and that its club is the one asked of."""

import asyncio
from pathlib import Path

import pytest

from host_api.core.application import create_runtime
from host_api.core.settings import Settings
from tests.host_api.running_api import running_api
from tools.bench import host_api
from tools.bench.host_api import FULL, Size, measured
from tools.bench.host_api_club import fill
from tools.bench.host_api_loads import loads_of
from tools.bench.page import page_of, sections_of
from tools.bench.postgresql_server import running_postgresql
from tools.bench.switch_fault import BenchFault

TINY = Size(members=40, transactions=400, measured_s=1.0, warm_up_s=0.5)
# The small club bought all of it in some hours.
MAY_BE_EMPTY = {"dashboard", "transaction_day"}
FIGURES = ("per_s", "p50_ms", "p99_ms", "cpu_us")


def _settings(url: str, directory: Path) -> Settings:
    return Settings.model_validate({"database_url": url, "var_directory": directory})


def _sqlite(directory: Path) -> Settings:
    return _settings(f"sqlite:///{directory / 'club.sqlite3'}", directory)


def test_a_load_has_figures(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'club.sqlite3'}"
    results = measured("sqlite", url, tmp_path, TINY, only=("member_lookup",))
    assert [result.name for result in results] == [f"member_lookup_{name}.sqlite" for name in FIGURES]
    assert all(result.value > 0 for result in results)


async def _check_answers(settings: Settings) -> None:
    club = await asyncio.to_thread(fill, settings, 40, 4_000)
    async with running_api(create_runtime(settings)) as api:
        for load in loads_of(club):
            for target, body in (load.requests[0], load.requests[-1]):
                headers = {"content-type": "application/json"} if body else {}
                answer = await api.client.request(load.method, target, content=body, headers=headers)
                assert answer.status_code in {200, 201}, (load.name, answer.text)
                assert load.name in MAY_BE_EMPTY or _has_found(answer.json()), load.name


def _has_found(body: dict[str, object]) -> bool:
    return bool(body.get("items") or body.get("member_id") or body.get("id"))


def test_every_load_is_answered_on_sqlite(tmp_path: Path) -> None:
    asyncio.run(_check_answers(_sqlite(tmp_path)))


def test_every_load_is_answered_on_postgresql(tmp_path: Path) -> None:
    with running_postgresql() as server, server.new_database() as url:
        asyncio.run(_check_answers(_settings(url, tmp_path)))


@pytest.mark.parametrize(("members", "active"), [(1, 1), (102, 101)])
def test_the_club_is_the_one_that_is_asked_about(tmp_path: Path, members: int, active: int) -> None:
    club = fill(_sqlite(tmp_path), members, 100)
    assert set(club.member_ids) == {*range(1, members + 1)} - {101}  # who is blocked
    assert len(set(club.mobiles)) == active


def test_a_disk_without_room_is_told_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(host_api, "FULL", FULL._replace(transactions=10**12))
    with pytest.raises(BenchFault, match=r"it wants 2000004 GB in .*TMPDIR"):
        host_api.run(quick=False)
    assert list(tmp_path.iterdir()) == []


def test_a_section_that_is_measured_anew_leaves_the_others() -> None:
    page = Path("docs/benchmarks.md").read_text("utf-8")
    sections = sections_of(page)
    assert page_of(sections) == page
    assert page_of(sections | {"rules": "## Rules: anew\n"}).startswith(page.partition("## Rules")[0])
