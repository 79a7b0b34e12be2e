"""The gate over real sockets: what terminals get for what they send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocol.framing import frame
from protocol.message import Message
from protocol.message_type import repeat_of
from protocol.security.mac import Mac

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, Link, SwitchProcess

OPEN = "T0000001"


def test_purchase_earns_points_and_credit(terminal: Link, balances: Balances) -> None:
    reply = terminal.call(terminal.purchase(2_500_000))
    assert reply.mti == "0210"
    assert reply.fields[39] == "00"
    tags = reply.tags(48)
    assert tags["DF01"] == "000000000250"
    assert tags["DF02"] == "000000050000"
    assert tags["DF03"] == tags["DF04"] == "000000000000"
    assert (tags["DF05"], tags["DF06"], tags["DF07"]) == ("سارا", "GOLD", "00000001")
    assert tags["DF09"] == "100 points for every 100,000 toman"
    assert balances(reply) == {"91": 250, "92": 50_000}
    assert len(reply.text(37)) == 12
    assert len(reply.text(38)) == 6


def test_points_and_credit_pay_like_money(terminal: Link, balances: Balances) -> None:
    terminal.call(terminal.purchase(2_500_000))
    paid = terminal.call(terminal.purchase(100_500, "009100"))
    assert paid.fields[39] == "00"
    assert paid.tags(48)["DF03"] == "000000000101"
    assert paid.tags(48)["DF01"] == "000000000000"
    assert balances(paid) == {"91": 149, "92": 50_000}
    credit = terminal.call(terminal.purchase(20_000, "009200"))
    assert credit.tags(48)["DF04"] == "000000020000"
    assert balances(credit) == {"91": 149, "92": 30_000}
    inquiry = terminal.call(terminal.inquiry())
    assert inquiry.mti == "0110"
    assert balances(inquiry) == {"91": 149, "92": 30_000}
    assert inquiry.tags(48)["DF05"] == "سارا"


def test_too_low_balance_is_declined(terminal: Link, balances: Balances) -> None:
    terminal.call(terminal.purchase(2_500_000))
    declined = terminal.call(terminal.purchase(250_001, "009100"))
    assert declined.fields[39] == "51"
    assert 38 not in declined.fields
    assert 54 not in declined.fields
    exact = terminal.call(terminal.purchase(250_000, "009100"))
    assert exact.fields[39] == "00"
    assert balances(exact)["91"] == 0


@pytest.mark.parametrize("amount", [2_500_000, 0])
def test_repeat_gets_the_stored_reply(terminal: Link, switch: SwitchProcess, amount: int) -> None:
    message = terminal.purchase(amount)
    first = terminal.call(message)
    for mti in ("0200", "0201"):
        again = terminal.call(Message(mti, message.fields))
        assert (again.mti, again.fields) == (first.mti, first.fields)
    assert switch.status()["duplicates"] == 2


def test_same_identity_with_other_content_is_refused(terminal: Link, switch: SwitchProcess) -> None:
    message = terminal.purchase(2_500_000)
    terminal.call(message)
    other = Message("0201", {**message.fields, 4: "000002500001"})
    assert terminal.call(other).fields[39] == "94"

    assert switch.status()["duplicate_conflicts"] == 1


def test_reversal_gives_everything_back_once(terminal: Link, balances: Balances) -> None:
    message = terminal.purchase(2_500_000)
    terminal.call(message)
    reversal = terminal.reversal(message)
    reply = terminal.call(reversal)
    assert (reply.mti, reply.fields[39]) == ("0410", "00")
    assert balances(reply) == {"91": 0, "92": 0}
    assert terminal.call(Message("0401", reversal.fields)).fields == reply.fields
    assert terminal.call(terminal.reversal(message)).fields[39] == "00"
    assert terminal.call(Message(repeat_of("0200"), message.fields)).fields[39] == "21"
    assert balances(terminal.call(terminal.inquiry())) == {"91": 0, "92": 0}


def test_reversal_may_overdraw_what_was_spent(terminal: Link, balances: Balances) -> None:
    message = terminal.purchase(2_500_000)
    terminal.call(message)
    terminal.call(terminal.purchase(100_000, "009100"))
    assert balances(terminal.call(terminal.reversal(message))) == {"91": -100, "92": 0}


def test_original_behind_its_reversal_is_refused(terminal: Link, balances: Balances) -> None:
    message = terminal.purchase(2_500_000)
    assert terminal.call(terminal.reversal(message)).fields[39] == "00"
    assert terminal.call(message).fields[39] == "21"
    assert balances(terminal.call(terminal.inquiry())) == {"91": 0, "92": 0}


def test_wrong_mac_is_answered_and_counted(terminal: Link, switch: SwitchProcess) -> None:
    message = terminal.purchase(2_500_000)
    before = switch.status()["position"]
    reply = terminal.call(message, mac=Mac(bytes(16)))
    assert (reply.mti, reply.fields[39]) == ("0210", "63")
    assert switch.status()["mac_failures"] == 1
    assert switch.status()["position"] == before
    assert terminal.call(message).fields[39] == "00"


def test_unknown_terminal_is_closed(switch: SwitchProcess, connect: Connect) -> None:
    link = connect(switch)
    link.send(link.network("001", "NOBODY01"))
    assert link.is_closed()
    assert switch.status()["unknown_terminals"] == 1


def test_each_terminal_of_a_concentrator_signs_on_for_itself(
    switch: SwitchProcess, host: Link, connect: Connect
) -> None:
    host.make_terminal("T0000002")
    link = connect(switch)
    assert link.call(link.purchase(1000)).fields[39] == "58"
    assert link.call(link.network("301")).fields[39] == "58"
    signed_on = link.sign_on()
    assert len(signed_on.tag_text(48, "DF0B")) == 14
    assert link.call(link.network("301")).fields[39] == "00"
    assert link.call(link.purchase(1000)).fields[39] == "00"
    assert link.call(link.purchase(1000, terminal_id="T0000002")).fields[39] == "58"
    link.sign_on("T0000002")
    assert link.call(link.purchase(1000, terminal_id="T0000002")).fields[39] == "00"
    assert link.call(link.network("002")).fields[39] == "00"
    assert link.call(link.purchase(1000)).fields[39] == "58"


def test_declines_name_their_reason(standing_terminal: Link) -> None:
    terminal = standing_terminal
    cases = [
        (terminal.purchase(1000, merchant_id="OTHER"), "03"),
        (terminal.purchase(1000, "010000"), "12"),
        (terminal.purchase(0), "13"),
        (terminal.purchase(1000, card="6280000000000025"), "14"),
        (Message("0200", {**terminal.purchase(1000).fields, 49: "840"}), "12"),
        (Message("0200", {**terminal.purchase(1000).fields, 7: "1331000000"}), "30"),
        (terminal.inquiry("6280000000000025"), "14"),
    ]
    for message, code in cases:
        assert terminal.call(message).fields[39] == code
    missing = terminal.purchase(1000)
    del missing.fields[35]
    assert terminal.call(missing).fields[39] == "30"


def test_blocked_card_member_and_terminal(terminal: Link, host: Link) -> None:
    card = {"DF20": f"{12:012d}", "DF21": "B", "DF24": "LOYAL", "DF29": f"{34:012d}"}
    assert host.call(host.file_action("CARD", card, card="6280000000000017")).fields[39] == "26"
    assert terminal.call(terminal.purchase(1000)).fields[39] == "62"
    host.call(host.file_action("CARD", {**card, "DF21": "A"}, card="6280000000000017"))
    member = {"DF20": f"{12:012d}", "DF05": "سارا", "DF21": "B"}
    assert host.call(host.file_action("MEMBER", member)).fields[39] == "26"
    assert terminal.call(terminal.purchase(1000)).fields[39] == "57"
    record = {"DF28": OPEN, "DF22": "SHOP1", "DF25": "0001", "DF26": "T", "DF21": "B"}
    assert host.call(host.file_action("TERMINAL", record)).fields[39] == "26"
    assert terminal.call(terminal.purchase(1000)).fields[39] == "58"


def test_key_generation_of_the_record_counts(terminal: Link, host: Link) -> None:
    record = {"DF28": OPEN, "DF22": "SHOP1", "DF25": "0002", "DF26": "T", "DF21": "A"}
    assert host.call(host.file_action("TERMINAL", record)).fields[39] == "26"
    terminal.send(terminal.purchase(1000))
    old = terminal.receive_payload()
    assert old is not None
    assert terminal.mac(OPEN, 2).verify(old)
    assert terminal.send(terminal.purchase(1000), mac=terminal.mac(OPEN, 2))
    new = terminal.receive_payload()
    assert new is not None
    assert terminal.mac(OPEN, 2).verify(new)


def test_file_actions_are_for_hosts(terminal: Link, host: Link) -> None:
    tags = {"DF20": f"{13:012d}", "DF05": "x", "DF21": "A"}
    message = terminal.file_action("MEMBER", tags)
    assert terminal.call(Message("0300", {**message.fields, 41: OPEN})).fields[39] == "58"
    assert host.call(host.file_action("MEMBER", {"DF05": "x"})).fields[39] == "27"
    assert host.call(host.file_action("CARD", tags, card="6280000000000033")).fields[39] == "27"
    assert host.call(host.file_action("OTHER", tags)).fields[39] == "12"
    assert host.call(host.file_action("MEMBER", {"DF20": f"{99:012d}"}, action="3")).fields[39] == "25"
    assert host.call(host.file_action("MEMBER", {"DF20": f"{12:012d}"}, action="3")).fields[39] == "21"
    own = {"DF28": "HOST0001", "DF26": "T", "DF22": "SHOP1", "DF25": "0001", "DF21": "A"}
    assert host.call(host.file_action("TERMINAL", own)).fields[39] == "27"
    assert host.call(host.file_action("CARD", {}, card="6280000000000017", action="3")).fields[39] == "00"
    assert terminal.call(terminal.purchase(1000)).fields[39] == "14"
    assert host.call(host.file_action("MEMBER", {"DF20": f"{12:012d}"}, action="3")).fields[39] == "00"


def test_host_moves_points_by_the_same_message(terminal: Link, host: Link, balances: Balances) -> None:
    reply = host.call(host.purchase(1_000_000, terminal_id="HOST0001"))
    assert balances(reply) == {"91": 100, "92": 20_000}
    unknown = host.purchase(1_000_000, terminal_id="HOST0001", merchant_id="NOWHERE")
    assert host.call(unknown).fields[39] == "03"


def test_frames_in_pieces_and_in_one_piece(standing_terminal: Link) -> None:
    terminal = standing_terminal
    messages = [terminal.purchase(1000) for _ in range(3)]
    payloads = [terminal.payload(message) for message in messages]
    stream = b"".join(frame(payload) for payload in payloads) + b"\0\0"
    for index in range(len(stream)):
        terminal.socket.sendall(stream[index : index + 1])
    assert [terminal.receive().fields[11] for _ in messages] == [message.fields[11] for message in messages]


def test_oversize_frame_closes_the_link(switch: SwitchProcess, terminal: Link) -> None:
    terminal.socket.sendall(b"\xff\xff")
    assert terminal.is_closed()
    assert switch.status()["format_faults"] == 1


def test_noise_is_counted_and_ends_the_link(switch: SwitchProcess, terminal: Link) -> None:
    terminal.socket.sendall(frame(b"noise") * 7)
    assert terminal.call(terminal.network("301")).fields[39] == "00"
    terminal.socket.sendall(frame(b"noise"))
    assert terminal.is_closed()
    assert switch.status()["format_faults"] == 8


def test_a_time_far_ahead_is_refused(standing_terminal: Link) -> None:
    """It would raise the floor of the window, and a year-old message would pass for one of the future."""
    terminal = standing_terminal
    month = int(terminal.purchase(1000).text(7)[:2])
    ahead = f"{(month + 2) % 12 + 1:02d}01000000"
    assert terminal.call(Message("0200", {**terminal.purchase(1000).fields, 7: ahead})).fields[39] == "12"


def test_half_closed_peer_still_gets_its_replies(standing_terminal: Link) -> None:
    terminal = standing_terminal
    for _ in range(5):
        terminal.send(terminal.purchase(1000))
    terminal.socket.shutdown(1)
    assert [terminal.receive().fields[39] for _ in range(5)] == ["00"] * 5
    assert terminal.is_closed()
