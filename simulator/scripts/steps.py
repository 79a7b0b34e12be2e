"""What each step of a script does. A step that must wait yields, and is resumed by every event."""

from collections.abc import Callable, Generator, Iterator, Sequence

from protocol.dialect import NetworkCode
from protocol.message import Message
from protocol.message_type import is_response, original_of
from protocol.security.faults import SecurityFault
from protocol.security.key_exchange import read_response, request_tags
from simulator.scripts import model
from simulator.scripts.conversation import ROLL_OVER_MS, ComposeFault, Known
from simulator.scripts.events import AskFor
from simulator.scripts.judgement import (
    check,
    check_new_key,
    check_type,
    check_whole,
    fail,
    nothing_came,
    unresolved,
)
from simulator.scripts.link import Incoming, Link
from simulator.scripts.references import ReferenceFault
from simulator.scripts.stage import Stage, network_code

Steps = Generator[None, None, None]
STEPS_MAX = 200_000
ACTIONS_MAX = 32
LAST_SENT = "-sent"
LAST_ASKED = "-asked"


def run_steps(stage: Stage) -> Generator[None, None, bool]:
    """All steps of the script, and then whatever is still to leave. Raises StepFailed."""
    yield from _run(stage, stage.script.steps, "steps", "")
    yield from stage.until(lambda: not stage.later, stage.total_left_ms)
    return True


def _run(stage: Stage, steps: Sequence[model.Step], place: str, turn: str) -> Steps:
    for number, step in enumerate(steps, 1):
        here = f"{place}.{number}"
        if len(stage.actions) >= ACTIONS_MAX:
            # What was said has to leave, and the clock has to be looked at.
            stage.deadline_ms = stage.now_ms
            yield
        stage.begin(here, step.do, turn)
        if stage.total_left_ms <= 0:
            raise fail(stage, step.do, "too_long")
        if stage.outcome.steps > STEPS_MAX:
            raise fail(stage, step.do, "script", told=f"more than {STEPS_MAX} steps")
        try:
            if isinstance(step, model.Each):
                yield from _each(stage, step, here, turn)
            else:
                yield from _act(stage, step)
        except (ReferenceFault, ComposeFault) as fault:
            raise unresolved(stage, step.do, fault) from None


def _each(stage: Stage, step: model.Each, place: str, turn: str) -> Steps:
    before = turn and f"{turn}, "
    if step.table is not None:
        rows = stage.script.tables[step.table]
        for number, row in enumerate(rows, 1):
            stage.talk.variables.update({name: str(value) for name, value in row.items()})
            yield from _run(stage, step.steps, f"{place}.steps", f"{before}row {number} of {step.table}")
    elif step.number is not None and step.last is not None:
        first, last = stage.talk.number(step.first), stage.talk.number(step.last)
        for count in range(first, last + 1, step.by):
            stage.talk.variables[step.number] = str(count)
            yield from _run(stage, step.steps, f"{place}.steps", f"{before}{step.number} = {count}")


def _act(stage: Stage, step: model.Step) -> Steps:
    match step:
        case model.Connect():
            yield from _connect(stage, step)
        case model.Disconnect():
            stage.close()
        case model.Network():
            yield from _network(stage, step)
        case model.Send():
            message = stage.talk.compose(step)
            yield from send(stage, message, step.name, step.fault)
        case model.Answer():
            yield from _answer(stage, step)
        case model.Expect():
            yield from _expect(stage, step)
        case model.Silence():
            yield from _silence(stage, step)
        case model.Closed():
            yield from _closed(stage, step)
        case model.Wait():
            yield from stage.until(lambda: _serve(stage, frozenset()), step.for_ms)
        case model.Raw():
            data = bytes.fromhex(step.hex)
            stage.write(
                _open_link(stage, step.do), len(data).to_bytes(2) + data if step.framed else data, "raw"
            )
        case model.ClockJump():
            stage.jump(step.seconds)
        case model.Ask():
            amount = None if step.amount is None else stage.talk.number(step.amount)
            stage.act(AskFor(step.what, amount, step.text))
        case model.Set():
            values = {name: stage.talk.resolve(text) for name, text in step.variables.items()}
            stage.talk.variables.update(values)
        case model.Each():
            raise AssertionError("loops are run by their caller")


# Links


def _connect(stage: Stage, step: model.Connect) -> Steps:
    limit_ms = stage.script.wait_ms if step.within_ms is None else step.within_ms
    if stage.script.as_ == "switch":
        came = yield from stage.until(lambda: stage.current is not None, limit_ms)
        if not came:
            raise nothing_came(stage, step.do, "a link", None)
        return
    stage.close()
    number = stage.open()
    yield from stage.until(lambda: number in stage.links or bool(stage.refusal), limit_ms)
    if number not in stage.links:
        raise fail(stage, step.do, "refused", told=stage.refusal or "no answer in time")


def _open_link(stage: Stage, action: str) -> Link:
    link = stage.current
    if link is not None:
        return link
    raise fail(stage, action, "ended" if stage.links else "no_link")


def _closed(stage: Stage, step: model.Closed) -> Steps:
    link = stage.links.get(stage.link)
    if link is None:
        raise fail(stage, step.do, "no_link")
    limit_ms = stage.script.wait_ms if step.within_ms is None else step.within_ms
    yield from stage.until(lambda: not link.is_open or bool(link.inbox), limit_ms)
    if link.inbox:
        raise fail(stage, step.do, "noise", reading=link.inbox[0].reading, told=_type_of(link.inbox[0]))
    if link.is_open:
        raise fail(stage, step.do, "not_closed")


# What we say


def send(stage: Stage, message: Message, name: str | None, fault: model.Fault | None) -> Steps:
    """Send a request of ours, and wait where a fault delays it."""
    link = _open_link(stage, "send")
    talk = stage.talk
    mac = (
        talk.foreign_mac() if fault and fault.kind == "wrong_mac" else talk.sending_mac(message, link.number)
    )
    payload = talk.encoded(message, mac)
    stage.stan_reused = talk.used_before(message)
    known = Known(message, payload, link=link.number)
    for each in (name, LAST_SENT):
        if each is not None:
            talk.messages[each] = known
    stage.outcome.request, stage.outcome.reply = payload, None
    delay_ms = stage.transmit(link, payload, fault, mac.sign)
    if delay_ms:
        yield from stage.until(lambda: False, delay_ms)


def _answer(stage: Stage, step: model.Answer) -> Steps:
    known = stage.talk.messages.get(step.to or LAST_ASKED)
    if known is None:
        raise ComposeFault("there is no request to answer")
    message = stage.talk.respond(known.message, step)
    known.reply = message
    if step.name is not None:
        stage.talk.messages[step.name] = Known(message)
    delay_ms = reply(stage, known, message, step.fault)
    if delay_ms:
        yield from stage.until(lambda: False, delay_ms)


def reply(stage: Stage, known: Known, message: Message, fault: model.Fault | None) -> int:
    """Answer a request on its link, with the key that sealed it; how long the script has to wait."""
    link = stage.links[known.link]
    wrong = fault is not None and fault.kind == "wrong_mac"
    mac = stage.talk.foreign_mac() if wrong or known.mac is None else known.mac
    payload = stage.talk.encoded(message, mac)
    stage.outcome.reply = payload
    return stage.transmit(link, payload, fault, mac.sign)


# What we hear


def _expect(stage: Stage, step: model.Expect) -> Steps:
    talk = stage.talk
    if step.to is not None and step.to not in talk.messages:
        raise ComposeFault(f"no message has the name {step.to} yet")
    wants_answer = is_response(step.message)
    asked = talk.messages.get(step.to or LAST_SENT) if wants_answer else None
    incoming = yield from receive(stage, step.do, step.message, asked, step.within_ms)
    check(stage, step, incoming, asked)
    if step.new_key:
        check_new_key(stage, step.do, incoming)
    known = _keep(stage, incoming, asked)
    if step.name is not None:
        talk.messages[step.name] = known


def _keep(stage: Stage, incoming: Incoming, asked: Known | None) -> Known:
    """Note a message that is as it should be."""
    message = incoming.message or Message("")
    known = Known(message, incoming.payload, link=incoming.link, mac=incoming.mac)
    if asked is not None:
        asked.reply = message
        stage.outcome.reply = incoming.payload
        return known
    stage.outcome.request, stage.outcome.reply = incoming.payload, None
    stage.stan_reused = stage.talk.used_before(message)
    stage.talk.messages[LAST_ASKED] = known
    return known


def receive(
    stage: Stage, action: str, mti: str, asked: Known | None, within_ms: int | None
) -> Generator[None, None, Incoming]:
    """Wait for the answer to `asked`, or for a request of a type. Raises StepFailed."""
    found: list[Incoming] = []

    def ready() -> bool:
        link = stage.links.get(stage.link)
        incoming = _taken(stage, lambda each: _is_wanted(stage, each, mti, asked))
        if incoming is not None:
            found.append(incoming)
            return True
        _serve(stage, frozenset((mti,)))
        broken = link is not None and (link.fault is not None or not link.is_open)
        return broken and (asked is not None or (link is not None and link.fault is not None))

    limit_ms = stage.script.wait_ms if within_ms is None else within_ms
    yield from stage.until(ready, limit_ms)
    if not found:
        raise nothing_came(stage, action, mti, asked)
    return found[0]


def _is_wanted(stage: Stage, incoming: Incoming, mti: str, asked: Known | None) -> bool:
    message = incoming.message
    if message is None:
        return True
    if asked is None:
        return message.mti == mti or (not is_response(message.mti) and original_of(message.mti) == mti)
    numbers = [number for number in (11, 41) if number in asked.message.fields]
    return all(message.fields.get(number) == asked.message.fields[number] for number in numbers)


def _taken(stage: Stage, wanted: Callable[[Incoming], bool]) -> Incoming | None:
    for incoming in _all_incoming(stage):
        if wanted(incoming):
            stage.links[incoming.link].inbox.remove(incoming)
            return incoming
    return None


def _all_incoming(stage: Stage) -> Iterator[Incoming]:
    for link in stage.links.values():
        yield from tuple(link.inbox)


def _silence(stage: Stage, step: model.Silence) -> Steps:
    def noisy() -> bool:
        _serve(stage, frozenset())
        return any(True for _ in _all_incoming(stage))

    noise = yield from stage.until(noisy, step.for_ms)
    if noise:
        incoming = next(_all_incoming(stage))
        check_whole(stage, step.do, incoming)
        raise fail(stage, step.do, "noise", reading=incoming.reading, told=_type_of(incoming))


def _type_of(incoming: Incoming) -> str:
    return incoming.reading.mti or "one that can't be read"


def _serve(stage: Stage, awaited: frozenset[str]) -> bool:
    """As a switch, answer requests of the script's `answers` that no step waits for. Never ends a wait."""
    if stage.script.as_ != "switch":
        return False
    for incoming in _all_incoming(stage):
        message = incoming.message
        if message is None or incoming.mac is None or is_response(message.mti):
            continue
        kind = original_of(message.mti)
        if kind not in stage.script.answers or kind in awaited:
            continue
        stage.links[incoming.link].inbox.remove(incoming)
        known = Known(message, incoming.payload, link=incoming.link, mac=incoming.mac)
        # There are no files here, which is no reason to stop a terminal that asks for one.
        _approve(stage, known, "25" if kind == "0300" else "00")
    return False


# Network messages


def _network(stage: Stage, step: model.Network) -> Steps:
    code = network_code(step.do)
    if stage.script.as_ == "switch":
        yield from _network_as_switch(stage, step, code)
    else:
        yield from _network_as_terminal(stage, step, code)


def _network_as_terminal(stage: Stage, step: model.Network, code: NetworkCode) -> Steps:
    talk = stage.talk
    link = _open_link(stage, step.do)
    terminal = talk.resolve(step.terminal) if step.terminal is not None else talk.profile.terminal_id
    keys = talk.session_keys(link.number, terminal)
    exchanges = code is NetworkCode.KEY_CHANGE and keys is not None
    tags = request_tags(keys.counter) if exchanges and keys else None
    yield from send(stage, talk.network(code, terminal, tags), None, None)
    asked = talk.messages[LAST_SENT]
    incoming = yield from receive(stage, step.do, "0810", asked, step.within_ms)
    expected = model.Expect(do="expect", message="0810", fields={"39": step.response_code})
    check(stage, expected, incoming, asked)
    _keep(stage, incoming, asked)
    if step.response_code != "00":
        return
    if exchanges and keys and incoming.message is not None:
        try:
            offer = read_response(incoming.message.tags(48))
            keys.adopt(offer, stage.now_ms, stage.now_ms + ROLL_OVER_MS)
        except SecurityFault as fault:
            raise fail(
                stage, step.do, "key", reading=incoming.reading, told=str(fault), anchor="0810"
            ) from None
    elif code in (NetworkCode.SIGN_ON, NetworkCode.SIGN_OFF):
        talk.signed_on(link.number, terminal, now=code is NetworkCode.SIGN_ON)


def _network_as_switch(stage: Stage, step: model.Network, code: NetworkCode) -> Steps:
    while True:
        incoming = yield from receive(stage, step.do, "0800", None, step.within_ms)
        message = check_whole(stage, step.do, incoming)
        check_type(stage, step.do, incoming, None)
        known = _keep(stage, incoming, None)
        if message.fields.get(70) == code:
            _approve(stage, known, step.response_code)
            return
        # Another 0800 in between is right: an echo, or a key change.
        _approve(stage, known, "00")


def _approve(stage: Stage, known: Known, response_code: str) -> None:
    """Answer a request plainly, and do what a network message asks for."""
    talk, request = stage.talk, known.message
    tags = None
    if request.mti[1] == "8" and response_code == "00":
        code, terminal = request.fields.get(70), talk.terminal_of(request)
        if code == NetworkCode.SIGN_ON:
            talk.signed_on(known.link, terminal, now=True)
        elif code == NetworkCode.KEY_CHANGE:
            try:
                tags = talk.answer_of_exchange(request, known.link)
            except SecurityFault as fault:
                raise fail(stage, "key_change", "key", told=str(fault), anchor="0800") from None
    message = talk.approve(request, tags, response_code)
    known.reply = message
    reply(stage, known, message, None)
    if request.mti[1] == "8" and request.fields.get(70) == NetworkCode.SIGN_OFF:
        talk.signed_on(known.link, talk.terminal_of(request), now=False)
