"""Stories of a real switch: found by all that is known, equal to the wire, without card numbers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from protocol.codec import view_codec
from protocol.message import Message
from protocol.message_type import repeat_of
from protocol.spec import load_spec

if TYPE_CHECKING:
    from tests.switch.conftest import Connect, Link, SwitchAt, SwitchProcess

TOKEN = "feed-token-for-tests-0123456789"
CARD = "6280000000000017"
SPEC = load_spec("vafa")
PATH = "/console/transactions"
VELOCITY = Path(__file__).parents[4] / "docs/examples/rules/gate-velocity.toml"


def ask(switch: SwitchProcess, path: str) -> dict[str, Any]:
    code, body = switch.get(PATH + path, TOKEN)
    assert code == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def ask_by_card(switch: SwitchProcess, body: bytes, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(f"{switch.operations}{PATH}/by-card", data=body)
    request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def positions(found: dict[str, Any]) -> list[int]:
    return [row["position"] for row in found["transactions"]]


def links(story: dict[str, Any], side: str) -> list[tuple[str, int]]:
    return [(link["way"], link["position"]) for link in story["links"][side]]


def bytes_by_field(payload: bytes) -> dict[str, str]:
    view = view_codec(SPEC).view(payload)
    return {str(number): view.raw(number).hex() for number in view.numbers}


def test_a_sale_is_found_by_all_that_is_known_of_it(
    standing_switch: SwitchProcess, standing_terminal: Link
) -> None:
    message = standing_terminal.purchase(2_500_000)
    reply = standing_terminal.call(message)
    position = int(reply.text(37))
    row = ask(standing_switch, f"?rrn={reply.text(37)}")["transactions"][0]
    assert (row["position"], row["amount"], row["type"]) == (position, 2_500_000, "purchase")
    day = standing_switch.get("/status")[1]
    business_date = json.loads(day)["business_date"]
    for query in (
        f"?terminal_id=T0000001&stan={message.text(11)}",
        f"?terminal_id=T0000001&stan={message.text(11)}&day={business_date}",
        f"?card_reference=34&limit=1&from_ms={row['at_ms']}",
        "?member_number=12&limit=1",
        f"?from_ms={row['at_ms']}&until_ms={row['at_ms'] + 1}&limit=200",
    ):
        assert position in positions(ask(standing_switch, query)), query
    code, by_card = ask_by_card(standing_switch, json.dumps({"card_number": CARD, "limit": "1"}).encode())
    assert (code, positions(by_card)) == (200, [position])
    older = ask(standing_switch, f"?member_number=12&limit=200&before={by_card['next']}")
    assert position not in positions(older) and older["next"] is None
    assert ask(standing_switch, "?terminal_id=T0000001&stan=999999")["transactions"] == []
    assert ask(standing_switch, "?rrn=99999999")["transactions"] == []
    assert CARD not in json.dumps(by_card) + standing_switch.log.read_text()


def test_the_reply_is_the_one_that_a_repeat_gets(
    standing_switch: SwitchProcess, standing_terminal: Link
) -> None:
    message = standing_terminal.purchase(1_000_000)
    standing_terminal.send(message)
    first = standing_terminal.receive_payload()
    standing_terminal.send(Message(repeat_of(message.mti), message.fields))
    repeated = standing_terminal.receive_payload()
    assert first is not None and repeated is not None
    position = int(view_codec(SPEC).view(first).text(37))
    story = ask(standing_switch, f"/{position}")
    assert story["repeat_gets"] == "stored_reply"
    told = story["messages"]["reply"]
    cells = told["hex"].split(" ")
    shown = {field["path"]: cells[field["start"] : field["end"]] for field in told["fields"]}
    for payload in (first, repeated):
        sent = bytes_by_field(payload)
        assert {str(lack["field"]) for lack in told["lacks"]} == set(sent) - set(shown)
        assert {int(path) for path in set(sent) - set(shown)} == {12, 13, 64}
        for path, found in shown.items():
            raw = bytes.fromhex(sent[path])
            assert len(found) == len(raw), path
            assert all(cell in ("**", f"{byte:02X}") for cell, byte in zip(found, raw, strict=True)), path
    assert "**" in shown["48"] and "سارا" not in json.dumps(story, ensure_ascii=False)
    sent = bytes_by_field(standing_terminal.payload(message))
    asked = story["messages"]["request"]
    assert {field["path"] for field in asked["fields"]} | {
        str(lack["field"]) for lack in asked["lacks"] + asked["may_lack"]
    } >= set(sent)
    cells = asked["hex"].split(" ")
    for field in asked["fields"]:
        assert "".join(cells[field["start"] : field["end"]]).lower() == sent[field["path"]]


def test_reversal_return_and_hold_are_linked_both_ways(
    standing_switch: SwitchProcess, standing_terminal: Link
) -> None:
    sale = standing_terminal.purchase(2_000_000)
    sold = standing_terminal.call(sale)
    comes_back = standing_terminal.purchase(500_000, "200000")
    comes_back.fields[48] = {"DF0E": sold.text(37)}
    returned = standing_terminal.call(comes_back)
    assert returned.fields[39] == "00"
    undone = standing_terminal.call(standing_terminal.reversal(comes_back))
    hold = standing_terminal.purchase(100_000, "009100")
    held = standing_terminal.call(Message("0100", hold.fields))
    completion = standing_terminal.purchase(100_000, "009100")
    completion.fields[48] = {"DF0E": held.text(37)}
    completed = standing_terminal.call(completion)
    assert (undone.fields[39], held.fields[39], completed.fields[39]) == ("00", "00", "00")
    at_sale, at_return, at_undoing, at_hold, at_completion = (
        int(reply.text(37)) for reply in (sold, returned, undone, held, completed)
    )
    story = ask(standing_switch, f"/{at_sale}")
    assert links(story, "later") == [("returns", at_return), ("concerns", at_undoing)]
    assert story["returned"] is None  # it came back, and went away again
    story = ask(standing_switch, f"/{at_return}")
    assert (links(story, "earlier"), links(story, "later")) == (
        [("returns", at_sale)],
        [("reverses", at_undoing)],
    )
    assert (story["links"]["undone_by"], story["repeat_gets"]) == (at_undoing, "21")
    assert story["rules"]["are_of_the_sale"]
    story = ask(standing_switch, f"/{at_undoing}")
    assert ("reverses", at_return) in links(story, "earlier")
    assert links(ask(standing_switch, f"/{at_hold}"), "later") == [("completes", at_completion)]
    story = ask(standing_switch, f"/{at_completion}")
    assert links(story, "earlier") == [("completes", at_hold)]
    assert story["postings"]["transfers"][0]["settles"] == {"position": at_hold, "index": 0}
    more = ask(standing_switch, f"/{at_sale}/links?after={at_return}")
    assert (more["later"], more["next_after"]) == ([{"way": "concerns", "position": at_undoing}], None)


def test_rules_tell_what_they_gave_and_why(standing_switch: SwitchProcess, standing_terminal: Link) -> None:
    reply = standing_terminal.call(standing_terminal.purchase(2_500_000))
    story = ask(standing_switch, f"/{int(reply.text(37))}")
    rules = story["rules"]
    assert rules["is_table_known"] and rules["table_version"] == 1
    by_rule = {grant["rule"]: grant for grant in rules["grants"]}
    points = by_rule["EARN-01"]
    assert (points["granted"], points["purse"], points["reason"]) == (250, "points", "granted")
    assert points["name"]["en"] and points["member_text"]["fa"] and points["why"]["fa"]
    transfer = next(each for each in story["postings"]["transfers"] if each["rule"] == "EARN-01")
    assert (transfer["debit"], transfer["credit"]) == ("programme:liability", "member:12")
    assert sum(lot["delta"] for lot in transfer["lots"]) == 250
    assert story["journal"]["batch"]["chain_fits"] and story["journal"]["batch"]["entries_fit"]
    assert story["journal"]["business_date"] == json.loads(standing_switch.get("/status")[1])["business_date"]


def test_a_refusal_names_the_rule_that_says_so(switch_at: SwitchAt, connect: Connect) -> None:
    switch = switch_at().start(rules_file=VELOCITY)
    link = connect(switch)
    link.sign_on("HOST0001")
    link.make_terminal()
    link.make_member()
    link.sign_on()
    replies = [link.call(link.purchase(1000)) for _ in range(4)]
    assert [reply.fields[39] for reply in replies] == ["00", "00", "00", "65"]
    story = ask(switch, f"/{int(replies[3].text(37))}")
    assert [rule["rule"] for rule in story["rules"]["refused_by"]] == ["GATE-COUNT"]
    assert story["response"]["member_text"]["en"].startswith("Too many purchases")
    assert story["receipt"]["lines"]["en"][1] == ["big", "Declined", ""]


def test_records_are_shown_without_what_is_masked(standing_switch: SwitchProcess) -> None:
    found = ask(standing_switch, "?member_number=12&limit=200")["transactions"][-2:]
    assert [row["file_name"] for row in found] == ["CARD", "MEMBER"]
    stories = [ask(standing_switch, f"/{row['position']}") for row in found]
    card = {tag["name"]: tag["value"] for tag in stories[0]["records"][0]["tags"]}
    assert card["card_reference"] == "000000000034"
    member = {tag["name"]: tag["value"] for tag in stories[1]["records"][0]["tags"]}
    assert (member["member_name"], member["member_tier"]) == ("****", "GOLD")
    assert all(story["receipt"] is None and story["messages"] for story in stories)
    table = ask(standing_switch, "/1")
    assert (table["transaction"]["kind"], table["messages"], table["repeat_gets"]) == (
        "rule_table",
        None,
        None,
    )


def test_damage_is_told_as_long_as_memory_has_the_entry(switch: SwitchProcess, terminal: Link) -> None:
    reply = terminal.call(terminal.purchase(1_000_000))
    path = f"/{int(reply.text(37))}"
    batch = ask(switch, path)["journal"]["batch"]
    segment = switch.journal / batch["segment"]
    for offset, fits in ((batch["size_bytes"] - 1, (True, False)), (60, (False, False))):
        content = bytearray(segment.read_bytes())
        content[batch["offset"] + offset] ^= 1
        segment.write_bytes(content)
        story = ask(switch, path)
        found = story["journal"]["batch"]
        assert (found["entries_fit"], found["chain_fits"]) == fits
        assert story["transaction"]["amount"] == 1_000_000
    assert switch.get(PATH + "?member_number=12", TOKEN)[0] == 500


def test_only_who_may_view_sees_anything(standing_switch: SwitchProcess) -> None:
    for path in ("?rrn=1", "/1", "/1/links"):
        for token in (None, "wrong"):
            assert standing_switch.get(PATH + path, token)[0] == 401
    assert ask_by_card(standing_switch, json.dumps({"card_number": CARD}).encode(), "wrong")[0] == 401


@pytest.mark.parametrize(
    "query",
    [
        "", "?limit=5", "?stan=1", "?rrn=x", "?terminal_id=T0000001&stan=1000000", "?terminal_id=TOO+LONG+ID",
        "?terminal_id=%D9%BE", "?member_number=12&limit=201", "?day=yesterday", "?day=0001-01-01x",
        "?member_number=12&before=x", "?member_number=12&before=1-", f"?card_number={CARD}",
        "?day=9999-12-31", "?partner_rrn=--", "/x/links", "/99999999999999999999",
    ],
)  # fmt: skip
def test_what_makes_no_question_is_refused(standing_switch: SwitchProcess, query: str) -> None:
    code, body = standing_switch.get(PATH + query, TOKEN)
    assert code == 422 and set(json.loads(body)) == {"error"}
    assert CARD.encode() not in body


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"card_number": 6280000000000017}', b'{"card_number": ""}',
        b'{"card_number": "628000****0017"}', b'{"6280000000000017": "x"}',
        b'{"card_number": "6280000000000017", "6280000000000018": ""}',
        b'{"card_number": "6280000000000017", "card_reference": "34"}',
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused_without_its_content(standing_switch: SwitchProcess, body: bytes) -> None:
    code, answer = ask_by_card(standing_switch, body)
    assert code == 422 and "628000" not in json.dumps(answer)


def test_a_long_body_is_refused(standing_switch: SwitchProcess) -> None:
    assert ask_by_card(standing_switch, b'{"card_number": "' + b"1" * 5000)[0] == 413


def test_what_is_not_there_is_told(standing_switch: SwitchProcess) -> None:
    code, body = standing_switch.get(f"{PATH}/99999999", TOKEN)
    assert code == 404 and "the first is 1" in json.loads(body)["error"]
