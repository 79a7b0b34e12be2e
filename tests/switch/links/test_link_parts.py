"""Small parts of links without a socket: waiting frames, waits between attempts, echoes."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import decode
from protocol.dialect import NetworkCode
from protocol.message import Message
from switch.gate.backoff import Backoff
from switch.gate.echo import EchoWatch, EchoWriter
from switch.gate.exchange import Now
from switch.gate.inbox import Inbox
from switch.gate.link import LinkState
from switch.keyring import Keyring
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from tests.switch.links.running_gate import MASTER_KEY, SPEC, Peer, network

HOST = TerminalRecord("HOST0001", "", 0, 1, Role.HOST, Status.ACTIVE)


@given(st.lists(st.one_of(st.integers(1, 5), st.sampled_from(["take", "sift"])), max_size=30))
def test_frames_keep_their_order_and_age(steps: list[int | str]) -> None:
    """Against a plain list of (frame, arrival); every third frame can't be refused."""
    inbox, model, made = Inbox(), list[tuple[bytes, int]](), 0
    for now, step in enumerate(steps):
        if isinstance(step, int):
            arrived = [b"%d" % (made + number) for number in range(step)]
            made += step
            inbox.put(arrived, now)
            model += [(payload, now) for payload in arrived]
        elif step == "take":
            number = (len(model) + 1) // 2
            assert [inbox.frames.popleft() for _ in range(number)] == [pair[0] for pair in model[:number]]
            inbox.taken(number)
            del model[:number]
        else:
            horizon = now - 2
            late = [pair for pair in model if pair[1] < horizon][:4]
            assert inbox.sift(horizon, 4, lambda payload: int(payload) % 3 != 0) == len(late)
            model = [pair for pair in model if pair not in late or int(pair[0]) % 3 == 0]
        assert list(inbox.frames) == [pair[0] for pair in model]
        assert inbox.oldest_s(99) == (model[0][1] if model else 99)


def test_waits_double_with_jitter_up_to_the_longest() -> None:
    shortest = Backoff(0.5, 4.0, lambda: 0.0)
    longest = Backoff(0.5, 4.0, lambda: 1.0)
    assert [shortest.wait_s() for _ in range(6)] == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]
    assert [longest.wait_s() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
    longest.succeed()
    assert longest.wait_s() == 0.5
    assert Backoff(9.0, 4.0, lambda: 1.0).wait_s() == 4.0


def watch(link: LinkState, terminal_id: str = "HOST0001") -> EchoWatch:
    writer = EchoWriter(SPEC, State(HOST), Keyring(MASTER_KEY))
    return EchoWatch(writer, link, terminal_id, interval_s=30.0, timeout_s=10.0)


def answer_to(echo: bytes, code: NetworkCode = NetworkCode.ECHO) -> bytes:
    request = decode(SPEC, echo[2:])
    reply = network(code, "HOST0001")
    reply.fields.update({7: request.fields[7], 11: request.fields[11], 39: "00"})
    return Peer.framed(Message("0810", reply.fields))[2:]


def test_an_echo_after_silence_and_its_answer() -> None:
    link = LinkState(0.0)
    echoes = watch(link)
    assert echoes.next_echo(Now(0, 29.9)) is None
    echo = echoes.next_echo(Now(0, 30.0))
    assert echo is not None
    assert echoes.next_echo(Now(0, 31.0)) is None, "one at a time"
    link.heard_s = 32.0
    foreign, wrong = b"\x02\x00", answer_to(echo)[:-1] + b"?"
    other = answer_to(echo, NetworkCode.SIGN_ON)
    received = [foreign, wrong, other, answer_to(echo), answer_to(echo)]
    assert echoes.without_answers(received, Now(0, 32.0)) == [foreign, wrong, other, answer_to(echo)]
    assert (echoes.sent, echoes.answered, link.unsigned_since_s) == (1, 1, 32.0)
    assert not echoes.is_peer_gone(99.0)
    assert echoes.next_echo(Now(0, 61.9)) is None
    assert echoes.next_echo(Now(0, 62.0)) is not None


def test_a_peer_that_is_silent_after_an_echo_is_gone() -> None:
    link = LinkState(0.0)
    echoes = watch(link)
    echoes.next_echo(Now(0, 30.0))
    assert not echoes.is_peer_gone(39.9)
    assert echoes.is_peer_gone(40.0)
    assert not echoes.is_peer_gone(41.0), "told once"


def test_a_late_answer_is_no_answer_but_taken() -> None:
    link = LinkState(0.0)
    echoes = watch(link)
    echo = echoes.next_echo(Now(0, 30.0))
    assert echo is not None
    link.heard_s = 35.0
    assert not echoes.is_peer_gone(40.0), "it sends other things"
    assert echoes.without_answers([answer_to(echo)], Now(0, 41.0)) == []
    assert (echoes.answered, echoes.unanswered) == (0, 1)


def test_without_a_record_there_is_no_echo() -> None:
    echoes = watch(LinkState(0.0), "NOBODY")
    assert echoes.next_echo(Now(0, 30.0)) is None
    assert echoes.next_echo(Now(0, 31.0)) is None, "asked again only after the interval"
    assert echoes.sent == 0
