"""Rule tables published to a running switch: in force at once, once, and for good."""

from __future__ import annotations

import hashlib
import itertools
import zlib
from typing import TYPE_CHECKING

import pytest

from protocol.message import Message
from protocol.rule_parts import PART_BYTES_MAX
from switch.publication.parts import PARTS_MAX
from tests.switch.conftest import HOST, MERCHANT, TERMINAL
from tests.switch.publication.uploads import (
    inquiry,
    part_message,
    publish,
    rules_message,
    sample_table,
    told,
    upload,
)

if TYPE_CHECKING:
    from protocol.message import Value
    from tests.switch.conftest import Connect, Link, SwitchProcess

MILLION = 1_000_000


def earned(link: Link) -> tuple[object, object]:
    """Points of a purchase of a million, and the version of the table that decided."""
    tags = link.call(link.purchase(MILLION)).tags(48)
    return tags["DF01"], tags["DF07"]


def tables_of(switch: SwitchProcess) -> list[int]:
    return [line["table_version"] for line in switch.feed() if line["kind"] == "rule_table"]


def test_a_published_table_decides_the_next_purchase_and_those_after_a_restart(
    switch: SwitchProcess, host: Link, terminal: Link, connect: Connect
) -> None:
    assert earned(terminal) == ("000000000100", "00000001")
    table = sample_table(200, rules_more=400)
    answers = publish(host, table, 1)
    assert len(answers) > 3
    assert answers == [("00", "00000001")] * (len(answers) - 1) + [("00", "00000002")]
    assert earned(terminal) == ("000000000200", "00000002")
    assert str(switch.status()["rule_table_digest"]) == table.digest
    assert tables_of(switch) == [1, 2]
    assert switch.stop() == 0
    switch.start()
    link = connect(switch)
    link.sign_on()
    assert earned(link) == ("000000000200", "00000002")
    assert tables_of(switch) == [1, 2]


def test_a_lost_answer_comes_again_with_the_repeat_also_after_a_restart(
    switch: SwitchProcess, host: Link, connect: Connect
) -> None:
    *first, last = upload(host, sample_table(200).packed, 1)
    for message in first:
        host.call(message)
    answer = host.call(last)
    assert told(answer) == ("00", "00000002")
    assert host.call(Message("0301", last.fields)).fields == answer.fields
    assert publish(host, sample_table(300), 2)[-1] == ("00", "00000003")
    switch.kill()
    switch.start()
    link = connect(switch)
    link.sign_on(HOST)
    assert link.call(Message("0301", last.fields)).fields == answer.fields
    assert tables_of(switch) == [1, 2, 3]


def test_a_repeat_while_the_table_is_prepared_gets_the_same_answer(switch: SwitchProcess, host: Link) -> None:
    *first, last = upload(host, sample_table(200, rules_more=1000).packed, 1)
    for message in first:
        host.call(message)
    for mti in ("0300", "0301", "0301"):
        host.send(Message(mti, last.fields))
    assert [told(host.receive()) for _ in range(3)] == [("00", "00000002")] * 3
    assert tables_of(switch) == [1, 2]


def test_the_table_in_force_again_changes_nothing(switch: SwitchProcess, host: Link) -> None:
    table = sample_table(200)
    publish(host, table, 1)
    position = switch.status()["position"]
    assert set(publish(host, table, 2)) == {("00", "00000002")}
    # Also for a host that doesn't know that its answer was lost.
    assert set(publish(host, table, 1)) == {("00", "00000002")}
    assert switch.status()["position"] == position


def test_going_back_is_publishing_the_older_table(switch: SwitchProcess, host: Link, terminal: Link) -> None:
    for version, points in enumerate((200, 300, 200), 1):
        assert publish(host, sample_table(points), version)[-1] == ("00", f"{version + 1:08d}")
    assert earned(terminal) == ("000000000200", "00000004")


def test_a_table_that_another_host_replaced_is_not_overwritten(switch: SwitchProcess, host: Link) -> None:
    publish(host, sample_table(200), 1)
    position = switch.status()["position"]
    assert set(publish(host, sample_table(300), 1)) == {("28", "00000002")}
    assert switch.status()["position"] == position


def broken(kind: str) -> tuple[bytes, bytes]:
    """Deflated bytes that are no table of this software, and their digest."""
    packed = sample_table(200).packed
    content = {
        "another format": packed[:5] + b"\x63" + packed[6:],
        "cut off": packed[:-1],
        "not a table": b"no table at all",
        "another digest": packed,
    }.get(kind, packed)
    deflated = zlib.compress(content)[:-6] if kind == "not deflated" else zlib.compress(content)
    digest = bytes(32) if kind == "another digest" else hashlib.sha256(content).digest()
    return deflated, digest


@pytest.mark.parametrize(
    "kind", ["another format", "cut off", "not a table", "another digest", "not deflated"]
)
def test_a_table_that_cannot_be_used_is_refused(
    standing_switch: SwitchProcess, standing_host: Link, standing_terminal: Link, kind: str
) -> None:
    switch, host, terminal = standing_switch, standing_host, standing_terminal
    position = switch.status()["position"]
    deflated, digest = broken(kind)
    *first, last = upload(host, b"", 1, deflated=deflated, digest=digest)
    for message in first:
        assert told(host.call(message)) == ("00", "00000001")
    assert told(host.call(last)) == ("29", "00000001")
    assert told(host.call(Message("0301", last.fields))) == ("29", "00000001")
    assert switch.status()["position"] == position
    assert earned(terminal) == ("000000000100", "00000001")


def test_a_table_is_taken_after_one_that_was_refused(switch: SwitchProcess, host: Link) -> None:
    for kind in ("not a table", "not deflated"):
        deflated, digest = broken(kind)
        for message in upload(host, b"", 1, deflated=deflated, digest=digest):
            answer = told(host.call(message))
        assert answer == ("29", "00000001")
    assert publish(host, sample_table(200), 1)[-1] == ("00", "00000002")


def test_a_part_that_is_missing_is_told_and_may_follow(switch: SwitchProcess, host: Link) -> None:
    messages = list(upload(host, sample_table(200, rules_more=100).packed, 1))
    assert len(messages) > 3
    assert told(host.call(messages[1])) == ("25", "00000001")
    assert told(host.call(messages[0])) == ("00", "00000001")
    assert told(host.call(messages[2])) == ("25", "00000001")
    # A part whose answer was lost, asked again as the repeat it is.
    assert told(host.call(Message("0301", messages[0].fields))) == ("00", "00000001")
    for message in messages[1:-1]:
        assert told(host.call(message)) == ("00", "00000001")
    assert told(host.call(messages[-1])) == ("00", "00000002")


def test_another_table_begins_anew(switch: SwitchProcess, host: Link) -> None:
    first = list(upload(host, sample_table(200, rules_more=100).packed, 1))
    host.call(first[0])
    assert publish(host, sample_table(300, rules_more=100), 1)[-1] == ("00", "00000002")
    assert told(host.call(first[1])) == ("28", "00000002")


WRONG: dict[str, dict[str, Value | None]] = {
    "no part": {"DF52": None},
    "empty part": {"DF52": b""},
    "no number": {"DF53": None},
    "number 0": {"DF53": "0000"},
    "behind the last": {"DF53": "0003"},
    "no count": {"DF54": None},
    "count 0": {"DF54": "0000"},
    "too many": {"DF54": f"{PARTS_MAX + 1:04d}"},
    "no digest": {"DF55": None},
    "short digest": {"DF55": bytes(31)},
    "no version": {"DF56": None},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
def test_a_message_that_says_too_little_is_refused(
    standing_host: Link, changed: dict[str, Value | None]
) -> None:
    host = standing_host
    whole = part_message(host, 1, 2, b"part", bytes(32), 1).tags(120)
    tags = {tag: value for tag, value in {**whole, **changed}.items() if value is not None}
    assert told(host.call(rules_message(host, "1", tags))) == ("27", "00000001")


def test_a_part_may_be_as_long_as_its_tag_has_it(standing_host: Link) -> None:
    host = standing_host
    message = part_message(host, 1, 2, bytes(PART_BYTES_MAX), bytes(32), 1)
    assert told(host.call(message)) == ("00", "00000001")


def test_rule_tables_are_not_deleted_and_other_files_not_asked_for(standing_host: Link) -> None:
    host = standing_host
    assert host.call(rules_message(host, "3", {})).fields[39] == "12"
    tags = {"DF20": "000000000012"}
    assert host.call(host.file_action("MEMBER", tags, action="5")).fields[39] == "12"


def test_terminals_may_neither_publish_nor_ask(standing_terminal: Link) -> None:
    terminal = standing_terminal
    for action in ("1", "5"):
        message = rules_message(terminal, action, {"DF53": "0001", "DF56": "00000000"}, TERMINAL)
        assert terminal.call(message).fields[39] == "58"
    assert earned(terminal) == ("000000000100", "00000001")


def test_a_second_host_has_an_upload_of_its_own(switch: SwitchProcess, host: Link, connect: Connect) -> None:
    tags = {"DF28": "HOST0002", "DF22": MERCHANT, "DF23": "000000", "DF25": "0001", "DF26": "H", "DF21": "A"}
    assert host.call(host.file_action("TERMINAL", tags)).fields[39] == "00"
    other = connect(switch)
    other.sign_on("HOST0002")
    mine = upload(host, sample_table(200, rules_more=100).packed, 1)
    theirs = (
        Message(message.mti, {**message.fields, 41: "HOST0002"})
        for message in upload(other, sample_table(300, rules_more=100).packed, 1)
    )
    answers = [
        (told(host.call(message)), told(other.call(answer)))
        for message, answer in itertools.zip_longest(mine, theirs)
        if message and answer
    ]
    assert answers[-1] == (("00", "00000002"), ("28", "00000002"))
    assert tables_of(switch) == [1, 2]


def downloaded(host: Link, version: int) -> tuple[bytes, Value, Value]:
    """A table as it was asked for part by part, its version and its digest."""
    first = host.call(inquiry(host, version, 1)).tags(48)
    content = first["DF52"]
    assert isinstance(content, bytes)
    for number in range(2, int(str(first["DF54"])) + 1):
        part = host.call(inquiry(host, version, number)).tags(48)["DF52"]
        assert isinstance(part, bytes)
        content += part
    return zlib.decompress(content), first["DF07"], first["DF55"]


def test_tables_that_were_in_force_can_be_asked_for(switch: SwitchProcess, host: Link) -> None:
    tables = [sample_table(200, rules_more=100), sample_table(300, rules_more=200)]
    for version, table in enumerate(tables, 1):
        publish(host, table, version)
    for version, table in enumerate(tables, 2):
        expected = (table.packed, f"{version:08d}", bytes.fromhex(table.digest))
        assert downloaded(host, version) == expected
    assert downloaded(host, 0) == downloaded(host, 3)


def test_what_was_never_there_is_not_found(standing_host: Link) -> None:
    host = standing_host
    for version, number in ((7, 1), (1, 9000), (0, 9000)):
        assert host.call(inquiry(host, version, number)).fields[39] == "25"


def test_a_rule_file_does_not_displace_what_a_host_published(
    switch: SwitchProcess, host: Link, connect: Connect
) -> None:
    publish(host, sample_table(200), 1)
    switch.stop()
    rules = switch.directory / "rules.toml"
    rules.write_text('format = 2\nprogramme = "another"\n')
    switch.start(rules_file=rules)
    link = connect(switch)
    link.sign_on()
    assert earned(link) == ("000000000200", "00000002")
    assert "the rule file is not in force" in switch.log.read_text()
