"""The story of what a partner decided: its side, the reply as it gave it, reversal and dead letter."""

import asyncio
import json
from pathlib import Path

from protocol.spec import load_spec
from switch.console.story.criteria import Criteria
from switch.console.story.links import Subject, later_links
from switch.console.story.messages import messages_of
from switch.console.story.search import search
from switch.console.story.story import Read, Story, story_of
from switch.journal.entries import Fate, ForwardedEntry
from switch.operations.feed import Naming
from switch.rules.compiler import load_rules
from tests.switch.console.story.written_journal import segments_of, written
from tests.switch.scenarios.club import TILL, Club

NOW_S = 1_792_000_000
SPEC = load_spec("vafa")
SALE = ForwardedEntry(
    NOW_S * 1000, "0200", TILL, 17, NOW_S, bytes(16), "000000", 250_000, "364", "SHOP1", 7,
    Fate.ANSWERED, "00", 0, 0, "partner", "CLUB0001", NOW_S + 1, 4711, 250_000,
    reply_fields=((37, "P00000123456"), (38, "AB12CD")),
    reply_tags=(("DF01", "000000000025"), ("DFEE01", b"\1")),
)  # fmt: skip


def _whole(story: Story) -> dict[str, object]:
    assert story.written is not None
    return {**story.told, "messages": messages_of(story.written, SPEC)}


def test_a_partners_decision_its_reversal_and_its_dead_letter(tmp_path: Path) -> None:
    club = Club(load_rules(None), NOW_S)
    first = club.state.position + 1
    club.append(SALE)
    club.append(
        SALE._replace(
            mti="0400",
            fate=Fate.UNDOES,
            stan=18,
            original_s=NOW_S,
            original_stan=17,
            reply_fields=(),
            reply_tags=(),
        )
    )
    club.append(SALE._replace(fate=Fate.DISCARDED, response_code="91"))
    journal = written(tmp_path, club.raws)
    segments = segments_of(journal)

    async def story_at(position: int) -> dict[str, object]:
        entry = club.find(position)
        assert entry is not None
        later = await later_links(segments, Subject(position, entry), position)
        read = Read(club.raws[position - 1], entry, segments.batch_of(position), later)
        return _whole(story_of(read, club.state, Naming(club.state.merchants, lambda code: None), SPEC))

    async def all_of_it() -> tuple[list[dict[str, object]], list[int]]:
        found = await search(segments, Criteria(partner_rrn="P00000123456"), None, 10)
        stories = [await story_at(position) for position in range(first, first + 3)]
        return stories, [match.position for match in found.matches]

    stories, found = asyncio.run(all_of_it())
    sale, undoing, discarded = (json.loads(json.dumps(story)) for story in stories)
    journal.close()
    assert found == [first + 2, first]
    assert (sale["partner"]["rrn"], sale["partner"]["stan"], sale["partner"]["fate"]) == (
        "P00000123456", "004711", "answered",
    )  # fmt: skip
    reply = {field["path"]: field.get("value") for field in sale["messages"]["reply"]["fields"]}
    assert (reply["37"], reply["38"], reply["39"]) == ("P00000123456", "AB12CD", "00")
    assert sale["receipt"]["figures"] == {"points_earned": 25}
    later = [(link["way"], link["position"]) for link in sale["links"]["later"]]
    assert later == [("reverses", first + 1), ("same_request", first + 2)]
    assert (sale["links"]["undone_by"], sale["repeat_gets"]) == (first + 1, "21")
    assert undoing["links"]["earlier"] == [{"way": "reverses", "position": first}]
    assert discarded["links"]["earlier"] == [{"way": "same_request", "position": first}]
    assert discarded["repeat_gets"] == "94"
