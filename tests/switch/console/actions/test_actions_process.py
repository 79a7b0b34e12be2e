"""Orders at a real switch: who may give them, how they are confirmed, what they do and leave behind."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from switch.console.actions.declaration import ACTIONS
from switch.snapshot.files import snapshot_paths
from tests.switch.conftest import CARD, HOST, TERMINAL, Connect, SwitchAt
from tests.switch.console.actions.club import (
    ARGUMENTS,
    Club,
    ask,
    code_with_new_key,
    confirm,
    ended,
    english,
    facts,
    order,
    orders,
    sales,
    standing,
)
from tests.switch.console.people import ROLES, Browser, Document

NOT_PERMITTED = "58"
REPLACED = "26"


@pytest.fixture
def club(switch_at: SwitchAt, connect: Connect) -> Club:
    return Club(switch_at(), connect)


@pytest.fixture(scope="module")
def standing_club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    """For tests that leave it as it was."""
    with standing(tmp_path_factory.mktemp("standing")) as found:
        yield found


@pytest.fixture(scope="module")
def cut_club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    """For tests that end and restart its switch."""
    with standing(tmp_path_factory.mktemp("cut")) as found:
        yield found


def test_each_role_may_order_what_is_declared(standing_club: Club) -> None:
    before = orders(standing_club.switch)
    for rank, role in enumerate(ROLES):
        person = standing_club.person(role)
        listed = cast(list[Document], person.ask("GET", "/console/actions").document["actions"])
        assert [each["name"] for each in listed] == [each.name for each in ACTIONS if each.role <= rank]
        for action in ACTIONS:
            status = ask(person, action.name, **ARGUMENTS.get(action.name, {})).status
            assert (status == 403) == (action.role > rank), (role, action.name, status)
            assert status in (200, 403, 404, 409)
            bare = confirm(person, action.name, "guess", **ARGUMENTS.get(action.name, {})).status
            assert bare == (403 if action.role > rank else 409)
    nobody = Browser(standing_club.switch)
    assert nobody.ask("GET", "/console/actions").status == 401
    assert ask(nobody, "drain").status == 401
    assert orders(standing_club.switch) == before


def test_what_is_asked_wrongly_is_refused(standing_club: Club) -> None:
    person = standing_club.operator
    path = "/console/actions/close-terminal"
    good = {"arguments": {"terminal_id": TERMINAL}}
    assert person.post(path, good, csrf="").status == 403
    assert person.post(path, good, csrf="x" * 43).status == 403
    assert person.ask("POST", path, json.dumps(good).encode(), {"X-CSRF-Token": person.csrf}).status == 415
    assert person.post("/console/actions/nonsense", good).status == 404
    wrong: object
    for wrong in (
        [],
        {"arguments": []},
        {"arguments": {"terminal_id": 1}},
        {"arguments": {"terminal_id": ""}},
        {"arguments": {"terminal_id": "T1", "more": "x"}},
        {"arguments": {"terminal_id": "T" * 9}},
        {"arguments": {"terminal_id": "ت"}},
        {**good, "confirmation": 1},
        {**good, "confirmation": "x" * 65},
        {**good, "person": "somebody"},
    ):
        assert person.post(path, wrong).status == 422, wrong
    assert person.post(path, {"arguments": {"terminal_id": "x" * 5000}}).status == 413
    assert person.post(path, {"arguments": {"terminal_id": "T9"}}).status == 404
    card = person.post("/console/actions/block-card", {"arguments": {"card_number": CARD + "x"}})
    assert card.status == 422 and CARD not in card.body.decode()
    for arguments in ({}, {"card_number": CARD, "card_reference": "34"}):
        assert ask(person, "block-card", **arguments).status == 422
    assert CARD not in standing_club.switch.log.read_text()


def test_a_closed_terminal_is_refused_until_it_is_opened(standing_club: Club) -> None:
    club = standing_club
    assert club.sale() == "00"
    terminal = club.link()
    terminal.sign_on()
    asked = ask(club.operator, "close-terminal", terminal_id=TERMINAL)
    assert facts(asked)["signed_on"] == "terminals" and facts(asked)["merchant_id"] == "SHOP1"
    code = asked.document["confirmation"]
    # Not another's, not for something else, not twice.
    assert confirm(club.supervisor, "close-terminal", code, terminal_id=TERMINAL).status == 409
    assert confirm(club.operator, "close-terminal", code, terminal_id=HOST).status == 409
    assert confirm(club.operator, "rotate-key", code, terminal_id=TERMINAL).status == 403
    done = confirm(club.operator, "close-terminal", code, terminal_id=TERMINAL)
    assert (done.status, done.document["outcome"]) == (200, "done")
    assert confirm(club.operator, "close-terminal", code, terminal_id=TERMINAL).status == 409
    assert terminal.call(terminal.purchase(1_000_000)).fields[39] == NOT_PERMITTED
    # The host sends the record as it knows it.
    assert club.host.make_terminal().fields[39] == REPLACED
    assert club.sale() == NOT_PERMITTED
    standing = cast(Document, club.viewer.ask("GET", "/console/actions").document["standing"])
    assert standing["closed_terminals"] == [TERMINAL]
    order(club.operator, "open-terminal", terminal_id=TERMINAL)
    assert club.sale() == "00"
    told = [(each["person"], each["role"], each["order"], each["outcome"]) for each in orders(club.switch)]
    assert told[-2:] == [
        ("operator", "operator", "close-terminal", "done"),
        ("operator", "operator", "open-terminal", "done"),
    ]
    last = orders(club.switch)[-1]
    assert last["arguments"] == {"terminal_id": TERMINAL}
    story = club.viewer.ask("GET", f"/console/transactions/{last['position']}").document
    assert story["order"] == {"arguments": {"terminal_id": TERMINAL}}
    assert cast(Document, story["transaction"])["person"] == "operator"


def test_a_card_on_the_hot_list_is_refused(standing_club: Club) -> None:
    club = standing_club
    assert club.sale() == "00"
    asked = ask(club.operator, "block-card", card_reference="34")
    assert facts(asked) == {"is_known": True, "card_reference": 34, "card_type": "LOYAL", "status": "active"}
    order(club.operator, "block-card", card_number=CARD)
    # What was asked before rests on what is no more.
    late = confirm(club.operator, "block-card", asked.document["confirmation"], card_reference="34")
    assert late.status == 409
    refused = club.sale()
    assert refused not in ("00", NOT_PERMITTED)
    tags = {"DF20": "000000000012", "DF21": "A", "DF24": "LOYAL", "DF29": "000000000034"}
    assert club.host.call(club.host.file_action("CARD", tags, card=CARD)).fields[39] == REPLACED
    assert club.sale() == refused
    assert ask(club.operator, "unblock-card", card_number=CARD).status == 403
    order(club.supervisor, "unblock-card", card_reference="34")
    assert club.sale() == "00"
    assert [each["arguments"] for each in orders(club.switch)[-2:]] == [{"card_reference": "34"}] * 2
    written = b"".join(path.read_bytes() for path in club.switch.journal.glob("*.journal"))
    assert CARD.encode() not in written
    assert CARD not in club.switch.log.read_text()


def test_a_closed_link_takes_nobody(standing_club: Club) -> None:
    club = standing_club
    terminal = club.link()
    terminal.sign_on()
    asked = ask(club.operator, "close-link", link="terminals")
    assert cast(int, facts(asked)["connections"]) >= 2 and facts(asked)["other_open_links"] == 0
    done = confirm(club.operator, "close-link", asked.document["confirmation"], link="terminals")
    assert done.status == 200
    assert terminal.is_closed() and club.host.is_closed()
    assert club.link().is_closed()
    assert ask(club.operator, "close-link", link="terminals").status == 409
    order(club.operator, "open-link", link="terminals")
    assert club.sale() == "00"
    club.sign_host_on()


def test_a_link_that_closes_answers_what_came_in(standing_club: Club) -> None:
    """Requests are sent while the order is given: each gets its reply or finds the link closed."""
    club = standing_club
    link = club.link()
    link.sign_on()
    before = len(sales(club.switch))
    asked = ask(club.operator, "close-link", link="terminals")
    answered, sent = 0, 0
    giver = threading.Thread(
        target=confirm,
        args=(club.operator, "close-link", asked.document["confirmation"]),
        kwargs={"link": "terminals"},
    )
    giver.start()
    while True:
        try:
            link.send(link.purchase(1_000_000))
        except OSError:
            break
        sent += 1
        if link.receive_payload() is None:
            break
        answered += 1
    giver.join()
    assert sent - answered <= 1
    assert len(sales(club.switch)) == before + answered
    order(club.operator, "open-link", link="terminals")
    club.sign_host_on()


def test_a_key_is_rotated_and_never_goes_back(standing_club: Club) -> None:
    club = standing_club
    other = "T0000002"
    assert club.host.make_terminal(other).fields[39] == "00"
    terminal = club.link()
    terminal.sign_on(other)
    assert ask(club.supervisor, "rotate-key", terminal_id=HOST).status == 409
    asked = ask(club.supervisor, "rotate-key", terminal_id=other)
    assert (facts(asked)["generation"], facts(asked)["next_generation"]) == (1, 2)
    done = order(club.supervisor, "rotate-key", terminal_id=other)
    assert done["told"] == {"en": "generation 2", "fa": "نسل 2"}
    late = confirm(club.supervisor, "rotate-key", asked.document["confirmation"], terminal_id=other)
    assert late.status == 409
    assert club.host.make_terminal(other).fields[39] == REPLACED
    failures = club.switch.status()["mac_failures"]
    link = club.link()
    link.send(link.network("001", other))
    assert link.receive_payload() is not None
    assert club.switch.status()["mac_failures"] == failures + 1
    new = link.mac(other, 2)
    link.send(link.network("001", other), new)
    reply = link.receive_payload()
    assert reply is not None and new.verify(reply)
    assert club.switch.status()["mac_failures"] == failures + 1


def test_the_next_business_day_begins_by_order(standing_club: Club) -> None:
    club = standing_club
    before = str(club.switch.status()["business_date"])
    asked = ask(club.supervisor, "cut-over")
    assert facts(asked)["open_day"] == before
    also_asked = ask(club.supervisor, "cut-over")
    found: list[int] = []

    def give(code: object) -> None:
        found.append(confirm(club.supervisor, "cut-over", code).status)

    both = [
        threading.Thread(target=give, args=(answer.document["confirmation"],))
        for answer in (asked, also_asked)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(found) == [200, 409]
    assert club.switch.status()["business_date"] == facts(asked)["next_day"]
    assert ask(club.supervisor, "cut-over").status == 409
    lines = club.switch.feed()
    assert [line["kind"] for line in lines[-2:]] == ["cut_over", "order"]


def test_orders_outlive_a_power_cut(club: Club) -> None:
    next_day = facts(ask(club.supervisor, "cut-over"))["next_day"]
    order(club.supervisor, "cut-over")
    order(club.operator, "block-card", card_number=CARD)
    refused = club.sale()
    order(club.supervisor, "rotate-key", terminal_id=TERMINAL)
    order(club.operator, "close-terminal", terminal_id=TERMINAL)
    order(club.operator, "close-link", link="terminals")
    club.restart()
    assert club.switch.status()["business_date"] == next_day
    assert club.link().is_closed()
    standing = cast(Document, club.viewer.ask("GET", "/console/actions").document["standing"])
    assert standing["closed_links"] == ["terminals"] and standing["closed_terminals"] == [TERMINAL]
    assert standing["blocked_cards_count"] == 1
    order(club.operator, "open-link", link="terminals")
    assert code_with_new_key(club) == NOT_PERMITTED
    order(club.operator, "open-terminal", terminal_id=TERMINAL)
    assert code_with_new_key(club) == refused
    order(club.supervisor, "unblock-card", card_number=CARD)
    assert code_with_new_key(club) == "00"


RULES = """
format = 2
programme = "{name}"
"""


def test_rules_are_loaded_again_and_gone_back_from(
    switch_at: SwitchAt, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(RULES.format(name="first"))
    club = Club(switch_at(), connect, path)
    first = club.switch.status()["rule_table_digest"]
    assert ask(club.supervisor, "reload-rules").status == 409
    path.write_text(RULES.format(name="first") + "nonsense = 1\n")
    refused = ask(club.supervisor, "reload-rules")
    assert refused.status == 422 and b"faults" in refused.body
    path.write_text(RULES.format(name="second"))
    asked = ask(club.supervisor, "reload-rules")
    assert (facts(asked)["version"], facts(asked)["next_version"]) == (1, 2)
    # The file that was told is the one that is taken.
    path.write_text(RULES.format(name="third"))
    done = confirm(club.supervisor, "reload-rules", asked.document["confirmation"]).document
    assert english(ended(club.supervisor, done)) == "rule table 2"
    second = club.switch.status()["rule_table_digest"]
    assert str(second).startswith(str(facts(asked)["digest"]))
    path.write_text(RULES.format(name="second"))
    asked = ask(club.supervisor, "roll-back-rules")
    assert facts(asked)["returning_version"] == 1
    done = confirm(club.supervisor, "roll-back-rules", asked.document["confirmation"]).document
    assert ended(club.supervisor, done)["outcome"] == "done"
    assert club.switch.status()["rule_table_digest"] == first
    # A restart is no order to go forward again.
    club.restart(rules_file=path)
    assert club.switch.status()["rule_table_digest"] == first
    assert [line["kind"] for line in club.switch.feed()[-3:]] == ["order", "rule_table", "order"]
    done = order(club.supervisor, "reload-rules")
    assert ended(club.supervisor, done)["outcome"] == "done"
    assert club.switch.status()["rule_table_digest"] == second


def test_a_drained_switch_says_so_and_serves_again_after_a_restart(cut_club: Club) -> None:
    club = cut_club
    before = len(orders(club.switch))
    terminal = club.link()
    terminal.sign_on()
    done = order(club.supervisor, "drain")
    assert terminal.is_closed()
    assert "answered" in english(ended(club.supervisor, done))
    code, body = club.switch.get("/health/ready")
    assert code == 503 and b"draining" in body
    with pytest.raises(OSError):
        club.link()
    assert ask(club.supervisor, "drain").status == 409
    # What else is ordered still gets into the journal.
    order(club.operator, "block-card", card_number=CARD)
    assert club.switch.stop() == 0
    club.start()
    assert club.sale() not in ("00", NOT_PERMITTED)
    assert [each["outcome"] for each in orders(club.switch)[before:]] == ["begun", "done", "done"]
    order(club.supervisor, "unblock-card", card_number=CARD)


def test_a_snapshot_has_all_before_the_order(cut_club: Club) -> None:
    club = cut_club
    club.sale()
    order(club.operator, "close-terminal", terminal_id=TERMINAL)
    position = club.switch.status()["position"]
    done = order(club.operator, "take-snapshot")
    assert english(ended(club.operator, done)) == f"snapshot at position {position}"
    images = snapshot_paths(club.switch.journal)
    assert int(images[-1].stem) == position
    # Twice at once is once; what a crash cuts off has no end, and can be ordered again.
    asked = [ask(club.operator, "take-snapshot").document["confirmation"] for _ in range(2)]
    given = [confirm(club.operator, "take-snapshot", code) for code in asked]
    assert [answer.status for answer in given] == [200, 409]
    club.restart()
    assert "snapshot at position" in club.switch.log.read_text()
    assert club.sale() == NOT_PERMITTED
    last = orders(club.switch)[-1]
    assert given[0].document["position"] in (last["position"], last["began"])
    done = order(club.operator, "take-snapshot")
    assert ended(club.operator, done)["outcome"] == "done"
    order(club.operator, "open-terminal", terminal_id=TERMINAL)


def test_a_crash_leaves_an_order_or_nothing(cut_club: Club) -> None:
    """The process is killed while an order is given: it is in effect if the journal has it, not else."""
    club = cut_club
    seen = set()
    for delay_ms in (0, 4, 10):
        is_closed = club.sale() == NOT_PERMITTED
        action = "open-terminal" if is_closed else "close-terminal"
        before = len(orders(club.switch))
        code = ask(club.operator, action, terminal_id=TERMINAL).document["confirmation"]
        answers: list[int] = []

        def give(action: str = action, code: object = code, answers: list[int] = answers) -> None:
            try:
                answers.append(confirm(club.operator, action, code, terminal_id=TERMINAL).status)
            except OSError:
                return

        giver = threading.Thread(target=give)
        giver.start()
        time.sleep(delay_ms / 1000)
        club.restart()
        giver.join()
        has_entry = len(orders(club.switch)) > before
        assert (club.sale() == NOT_PERMITTED) == (is_closed != has_entry)
        assert has_entry or not answers
        seen.add(has_entry)
    assert seen
