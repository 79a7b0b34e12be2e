"""A STAN is looked up in what the terminal's window remembers, what it has forgotten in the journal."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from protocol.spec import load_spec
from switch.console.story.endpoints import StoryEndpoints
from switch.console.story.search import READ_MAX
from switch.keyring import Keyring
from switch.ledger.requests import REMEMBERED_REQUESTS
from switch.ledger.state import State
from switch.ledger.stores import Engine, compiled_is_there
from switch.operations.feed import JournalFeed
from tests.switch.console.story.test_story_search import START_MS, raw_of, sale
from tests.switch.console.story.written_journal import written
from tests.switch.scenarios.club import host_record

TERMINAL = "T0000001"
COUNT = REMEMBERED_REQUESTS + 1500
ENGINES = [Engine.PYTHON, *([Engine.COMPILED] if compiled_is_there() else [])]
ENTRIES = [
    sale(number, terminal_id=TERMINAL, stan=number % 1000 + 1, transmitted_s=START_MS // 1000 + number)
    for number in range(1, COUNT + 1)
]


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: str(engine.value))
def stories(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StoryEndpoints]:
    state = State(host_record(), request.param)
    raws = [raw_of(position, entry) for position, entry in enumerate(ENTRIES, start=1)]
    for raw, entry in zip(raws, ENTRIES, strict=True):
        state.apply(raw, entry)
    directory: Path = tmp_path_factory.mktemp("journal")
    journal = written(directory, raws, batch_entries=50)
    feed = JournalFeed(journal.index, state.merchants, journal.last_position, lambda code: None)
    yield StoryEndpoints(state, feed, Keyring(bytes(32)), load_spec("vafa"), lambda _: True)
    journal.close()


def ask(stories: StoryEndpoints, query: str) -> tuple[list[int], int, str | None]:
    """Positions, how many entries were read, and where to go on."""

    async def call() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=Starlette(routes=stories.routes()))
        async with httpx2.AsyncClient(transport=transport, base_url="http://switch") as client:
            return await client.get(f"/console/transactions?{query}")

    told = json.loads(asyncio.run(call()).content)
    return [row["position"] for row in told["transactions"]], told["read"], told["next"]


def test_remembered_requests_are_told_first_and_forgotten_ones_when_asked_for(
    stories: StoryEndpoints,
) -> None:
    question = f"terminal_id={TERMINAL}&stan=51"
    first, read, go_on = ask(stories, question)
    assert first == [5050, 4050, 3050, 2050]
    assert read == len(first) and go_on is not None
    older, read, end = ask(stories, f"{question}&before={go_on}")
    assert (older, read, end) == ([1050, 50], COUNT, None)
    assert COUNT < READ_MAX


def test_a_day_that_the_window_has_not_is_searched_at_once(stories: StoryEndpoints) -> None:
    until_ms = ENTRIES[1000].at_ms
    found, _, end = ask(stories, f"terminal_id={TERMINAL}&stan=51&until_ms={until_ms}")
    assert (found, end) == ([50], None)


def test_a_stan_that_never_was_is_not_found(stories: StoryEndpoints) -> None:
    assert ask(stories, f"terminal_id={TERMINAL}&stan=5000") == ([], COUNT, None)
    assert ask(stories, "terminal_id=T0000009&stan=51") == ([], 0, None)
