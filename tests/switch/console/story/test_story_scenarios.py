"""The story of every entry of every scenario: it is whole, and its links lead both ways."""

import asyncio
import json
from pathlib import Path

import pytest

from protocol.spec import load_spec
from switch.console.story.links import Link, Subject, later_links
from switch.console.story.messages import exchange_of, messages_of
from switch.console.story.story import Read, story_of
from switch.journal.entries import TransactionEntry
from switch.operations.feed import Naming
from tests.switch.console.story.written_journal import segments_of, written
from tests.switch.scenarios.club import Club
from tests.switch.scenarios.runner import Player
from tests.switch.scenarios.table_reader import read_scenario

SPEC = load_spec("vafa")
FILES = sorted((Path(__file__).parents[2] / "scenarios").glob("*.md"))


def naming_of(club: Club) -> Naming:
    purses = club.state.rule_table.purses
    return Naming(club.state.merchants, lambda code: purses[code].name if code in purses else None)


async def read_all(club: Club, directory: Path) -> list[Read]:
    journal = written(directory, club.raws)
    segments = segments_of(journal)
    found = []
    for raw in club.raws:
        entry = club.find(raw.position)
        assert entry is not None
        later = await later_links(segments, Subject(raw.position, entry), raw.position)
        found.append(Read(raw, entry, segments.batch_of(raw.position), later))
    journal.close()
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_entry_has_its_story(path: Path, tmp_path: Path) -> None:
    player = Player(read_scenario(path))
    player.play()
    club = player.club
    earlier: set[tuple[int, Link]] = set()
    later: set[tuple[int, Link]] = set()
    for read in asyncio.run(read_all(club, tmp_path)):
        position, entry = read.raw.position, read.entry
        story = story_of(read, club.state, naming_of(club), SPEC)
        told = json.loads(json.dumps(story.told))
        assert told["journal"]["batch"]["chain_fits"]
        assert all(field["title"]["fa"] and field["title"]["en"] for field in told["fields"])
        links = told["links"]
        earlier |= {(position, Link(link["way"], link["position"])) for link in links["earlier"]}
        later |= {(link["position"], Link(link["way"], position)) for link in links["later"]}
        assert links["next_after"] is None
        if isinstance(entry, TransactionEntry):
            assert len(told["postings"]["transfers"]) == len(entry.transfers)
            moved = sum(len(transfer["lots"]) for transfer in told["postings"]["transfers"])
            assert moved + len(told["postings"]["lots_besides"]) == len(entry.lot_moves)
            assert [grant["rule"] for grant in told["rules"]["grants"]] == [
                grant.rule_id for grant in entry.grants
            ]
            assert told["rules"]["is_table_known"]
            exchange = exchange_of(position, entry, club.state)
            assert exchange is not None
            assert story.written is not None
            messages = json.loads(json.dumps(messages_of(story.written, SPEC)))
            shown = {field["path"] for field in messages["reply"]["fields"]}
            assert {str(number) for number in exchange.own} <= shown
            assert messages["reply"]["faults"] == messages["request"]["faults"] == []
    assert earlier == later
