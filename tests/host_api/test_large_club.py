"""A club with more members than SQLite would read through unnoticed: requests are answered by indexes."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from host_api.core.application import create_runtime
from host_api.core.settings import Settings
from tests.host_api.running_api import RunningApi, running_api
from tools.bench.host_api_club import fill
from tools.bench.host_api_loads import Load, loads_of

pytestmark = pytest.mark.anyio

Parameters = tuple[str | int | bytes | None, ...]
Heard = tuple[str, Parameters]

SIZE = 11_000
LARGE = "members|member_identities|cards|outbox|transactions|account_movements|events|lots|balances"
# A line of a plan, with what an index is asked for.
_LINE = re.compile(rf"(?:SCAN|SEARCH) (?:{LARGE})\b[^()]*(?:\((?P<by>[^()]*)\))?")
# Conditions that leave most rows.
_TELLING_LITTLE = {"", "programme_id=?", "kind=?", "status=?", "activity=?", "response_code=?", "operation=?"}
LISTS = (
    *("/v1/members", "/v1/members?sort=-id", "/v1/members?sort=name", "/v1/members?tier=platinum"),
    *("/v1/members?joined_via=sms", "/v1/cards", "/v1/cards?sort=-id", "/v1/cards?card_type=GOLD"),
    *("/v1/transactions", "/v1/transactions?rule=rule-7", "/v1/events", "/v1/members/7/timeline"),
)


def _stat(path: Path) -> dict[str, int]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
        return dict(rows.fetchall())


@contextmanager
def _heard() -> Iterator[list[Heard]]:
    statements: list[Heard] = []

    def hear(
        _connection: object, _cursor: object, statement: str, parameters: Parameters, *_: object
    ) -> None:
        statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def _read_through(path: Path, statements: list[Heard]) -> list[str]:
    """Statements that read a large table whole; one that stops after a page does not."""
    with sqlite3.connect(path) as connection:
        found = []
        for statement, parameters in statements:
            if not statement.startswith("SELECT"):
                continue
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            ends_early = "LIMIT" in statement and not any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
            lines = [match for line in plan if (match := _LINE.match(line)) is not None]
            whole = [line[0] for line in lines if set((line["by"] or "").split(" AND ")) <= _TELLING_LITTLE]
            found += [] if ends_early else [f"{line}: {statement}" for line in whole]
    return found


async def _ask(api: RunningApi, load: Load) -> None:
    target, body = load.requests[0]
    headers = {"content-type": "application/json"} if body else {}
    answer = await api.client.request(load.method, target, content=body, headers=headers)
    assert answer.status_code in {200, 201}, answer.text


async def test_sqlite_reads_large_tables_by_indexes(tmp_path: Path) -> None:
    path = tmp_path / "club.sqlite3"
    settings = Settings.model_validate({"database_url": f"sqlite:///{path}", "var_directory": tmp_path})
    club = await asyncio.to_thread(fill, settings, SIZE, SIZE)
    runtime = create_runtime(settings)
    await runtime.database.gather_statistics()
    known = _stat(path)
    # Estimates, from a part of each index; small tables may grow at once and are left out.
    assert min(known[name] for name in ("members", "cards", "transactions")) > SIZE / 2
    assert not known.keys() & {"programmes", "api_keys", "roles"}
    async with running_api(runtime) as api:
        with _heard() as statements:
            for load in loads_of(club):
                if load.name != "dashboard":
                    await _ask(api, load)
            for target in LISTS:
                await _ask(api, Load("list", "GET", [(target, "")]))
        assert _read_through(path, statements) == []
