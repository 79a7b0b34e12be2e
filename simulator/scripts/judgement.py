"""Judging what came against what a step expects, and telling what is wrong with it."""

from dataclasses import replace

from protocol.message import Message
from protocol.message_type import is_response, original_of
from protocol.presentation.spans import Reading
from protocol.rules_of_type import validate
from protocol.spec.schema import Title
from simulator.scripts.coach import Hint, Situation, advise
from simulator.scripts.conversation import Known
from simulator.scripts.failure import Failure, bytes_at_fault, bytes_of, shown_expectation, shown_value
from simulator.scripts.link import Incoming, Link
from simulator.scripts.matching import Context, judge
from simulator.scripts.model import Expect, Expectation, Matcher
from simulator.scripts.names import field_number, tag_of, value_at, wire_text
from simulator.scripts.references import ReferenceFault
from simulator.scripts.stage import Stage, StepFailed

PROBLEMS = {
    "value": Title(en="another value than expected", fa="مقدار دیگری آمد"),
    "missing": Title(en="the field is missing", fa="این فیلد نیامده است"),
    "unexpected": Title(en="the field must not be there", fa="این فیلد نباید باشد"),
    "not_of_type": Title(en="not what a message of this type may have", fa="با جدول این نوع پیام نمی‌خواند"),
    "not_echoed": Title(en="not copied from the request", fa="از درخواست برداشته نشده است"),
    "type": Title(en="a message of another type", fa="نوع پیام دیگری آمد"),
    "unreadable": Title(en="the message can't be read", fa="پیام خوانده نشد"),
    "frame": Title(en="the stream can't be cut into frames", fa="جریان بایت‌ها قاب‌بندی نشد"),
    "mac": Title(en="the MAC is wrong", fa="کد اصالت پیام نادرست است"),
    "stranger": Title(en="the profile has no key of this terminal", fa="نمایه کلید این پایانه را ندارد"),
    "timeout": Title(en="nothing came in time", fa="در مهلت مقرر چیزی نیامد"),
    "ended": Title(en="the peer closed the link", fa="طرف دیگر اتصال را بست"),
    "not_closed": Title(en="the peer did not close the link in time", fa="طرف دیگر اتصال را نبست"),
    "noise": Title(en="a message came where none should", fa="پیامی آمد که نباید می‌آمد"),
    "refused": Title(en="no link could be opened", fa="اتصال برقرار نشد"),
    "no_link": Title(en="there is no link: connect first", fa="اتصالی نیست؛ نخست وصل شوید"),
    "script": Title(en="the script can't go on", fa="سناریو نمی‌تواند پیش برود"),
    "too_long": Title(en="the script took longer than its total_ms", fa="سناریو از مهلت کل گذشت"),
    "old_key": Title(
        en="sealed with the key from before the key change", fa="با کلید پیش از تعویض مهر شده است"
    ),
    "key": Title(en="the key change brought no usable key", fa="تعویض کلید کلیدی به دست نداد"),
}


def fail(
    stage: Stage,
    action: str,
    problem: str,
    *,
    hint: Hint | None = None,
    anchor: str = "",
    path: str = "",
    expected: str | None = None,
    got: str | None = None,
    reading: Reading | None = None,
    told: str = "",
) -> StepFailed:
    """The verdict that ends the run. `told` is added to the problem's sentence."""
    title = PROBLEMS[problem]
    if told:
        title = Title(en=f"{title.en}: {told}", fa=f"{title.fa}: {told}")
    if reading is not None:
        stage.outcome.reply = reading.payload
    failure = Failure(
        step=stage.step,
        action=action,
        problem=title,
        path=path,
        name=_name(stage, path),
        expected=None if expected is None else shown_expectation(stage.spec, path, expected),
        got=shown_value(reading, path, got),
        bytes_shown=bytes_of(reading, path) if path else bytes_at_fault(reading) if reading else None,
        hint=hint.text if hint else None,
        hint_rule=hint.rule if hint else None,
        anchor=anchor or (hint.anchor if hint else ""),
        turn=stage.turn,
    )
    return StepFailed(failure)


def nothing_came(stage: Stage, action: str, wanted: str, asked: Known | None) -> StepFailed:
    """Why a wait ended without the message."""
    link = stage.links.get(stage.link)
    if link is not None and link.fault is not None:
        return _of_stream(stage, action, link, "frame")
    is_switch = stage.script.as_ == "switch"
    ended = link is not None and not link.is_open and not is_switch
    situation = replace(
        _base(stage),
        stream=link.stream if link else b"",
        sent=asked.message if asked else None,
        strays=any(each.inbox for each in stage.links.values()),
        closed=ended,
        waited=not ended,
        unsigned=wanted == "0800" and any(each.inbox for each in stage.links.values()),
        awaited=wanted.removeprefix("a ") if is_switch and asked is None else "",
    )
    if stage.total_left_ms <= 0:
        return fail(stage, action, "too_long")
    others = sorted({each.reading.mti or "?" for known in stage.links.values() for each in known.inbox})
    told = f"{wanted} was expected" + (f", {', '.join(others)} came" if others else "")
    return fail(
        stage, action, "ended" if ended else "timeout", hint=advise(situation), told=told,
        anchor="" if situation.stream else _anchor(stage, wanted),
    )  # fmt: skip


def check_whole(stage: Stage, action: str, incoming: Incoming) -> Message:
    """The message, readable and with the right MAC. Raises StepFailed."""
    reading = incoming.reading
    if incoming.message is None:
        situation = replace(_base(stage), reading=reading)
        raise fail(
            stage, action, "unreadable", hint=advise(situation), reading=reading, told=str(reading.faults[0])
        )
    message = incoming.message
    if incoming.mac is None:
        terminal = stage.talk.terminal_of(message)
        key = stage.talk.profile.key_of(terminal)
        if key is None:
            raise fail(stage, action, "stranger", reading=reading, path="41", got=terminal, anchor="mac")
        raise fail(
            stage, action, "mac", hint=advise(_mac_situation(stage, incoming, terminal, key)), anchor="mac",
            reading=reading, path="128" if 128 in message.fields else "64",
        )  # fmt: skip
    return message


def check(stage: Stage, step: Expect, incoming: Incoming, asked: Known | None) -> None:
    """All that a step expects of a message, what its type asks of every message, and what a response
    copies. Raises StepFailed and ReferenceFault."""
    message = check_whole(stage, step.do, incoming)
    if step.message not in (message.mti, _as_original(message.mti)):
        raise fail(
            stage, step.do, "type", reading=incoming.reading, expected=step.message, got=message.mti,
            anchor=_anchor(stage, step.message),
        )  # fmt: skip
    for key, expectation in step.fields.items():
        _check_value(stage, step.do, incoming, asked, str(field_number(stage.spec, key)), expectation)
    for number, group in ((48, step.tags), (120, step.record)):
        for key, expectation in group.items():
            path = f"{number}.{tag_of(stage.spec, key)}"
            _check_value(stage, step.do, incoming, asked, path, expectation)
    check_type(stage, step.do, incoming, asked)


def check_new_key(stage: Stage, action: str, incoming: Incoming) -> None:
    """That the key of the last key change is in use on the link. Raises StepFailed."""
    message = incoming.message
    keys = message and stage.talk.session_keys(incoming.link, stage.talk.terminal_of(message))
    # The first message under the new key ends the roll-over.
    if message and not (keys and keys.counter and keys.next_counter is None):
        path = "128" if 128 in message.fields else "64"
        raise fail(stage, action, "old_key", reading=incoming.reading, path=path, anchor="mac")


def check_type(stage: Stage, action: str, incoming: Incoming, asked: Known | None) -> None:
    """What the message's type asks: its fields, and of a response what it copies. Raises StepFailed."""
    message, reading = incoming.message, incoming.reading
    if message is None:
        return
    for fault in validate(stage.spec, message):
        hint = (
            advise(replace(_base(stage), path=fault.path, got=None))
            if fault.code == "missing_field"
            else None
        )
        raise fail(
            stage, action, "not_of_type", reading=reading, path=fault.path, hint=hint, told=str(fault),
            anchor=_anchor(stage, message.mti),
        )  # fmt: skip
    if asked is None or not is_response(message.mti):
        return
    for number in stage.spec.echo_of(message.mti):
        path = str(number)
        expected, got = value_at(asked.message, path), value_at(message, path)
        if expected is not None and got != expected:
            situation = replace(_base(stage), path=path, expected=expected, got=got, echoes=True)
            raise fail(
                stage, action, "not_echoed", reading=reading, path=path, expected=expected, got=got,
                hint=advise(situation), anchor=_anchor(stage, message.mti),
            )  # fmt: skip


def _check_value(  # noqa: PLR0917
    stage: Stage, action: str, incoming: Incoming, asked: Known | None, path: str, expectation: Expectation
) -> None:
    message = incoming.message
    if message is None:
        return
    got = value_at(message, path)
    context = Context(
        stage.talk.resolve,
        lambda text: wire_text(stage.spec, path, text),
        value_at(asked.message, path) if asked else None,
        stage.talk.epoch_ms,
    )
    verdict = judge(expectation, got, context)
    if verdict.expected is None:
        if verdict.capture is not None and got is not None:
            stage.talk.variables[verdict.capture] = got
        return
    link = incoming.link
    terminal = stage.talk.terminal_of(message)
    situation = replace(
        _base(stage),
        path=path,
        expected=verdict.expected,
        got=got,
        sent=asked.message if asked else None,
        signed_on=stage.talk.signed_on(link, terminal),
        stan_reused=stage.stan_reused,
        echoes=isinstance(expectation, Matcher) and bool(expectation.echo),
    )
    problem = "missing" if got is None else "unexpected" if verdict.expected == "(absent)" else "value"
    raise fail(
        stage, action, problem, reading=incoming.reading, path=path, expected=verdict.expected, got=got,
        hint=advise(situation), anchor=_anchor(stage, message.mti),
    )  # fmt: skip


def unresolved(stage: Stage, action: str, fault: ReferenceFault | Exception) -> StepFailed:
    """A mistake in the script itself."""
    return fail(stage, action, "script", told=str(fault))


def _of_stream(stage: Stage, action: str, link: Link, problem: str) -> StepFailed:
    stream = link.stream
    shown = f"bytes 0-3: {stream[:4].hex(' ').upper()}"
    hint = advise(replace(_base(stage), stream=stream))
    # The first bytes are a length and a message type, which is nothing to hide.
    verdict = fail(stage, action, problem, hint=hint, anchor="framing", told=str(link.fault))
    return StepFailed(replace(verdict.failure, bytes_shown=shown)) if stream else verdict


def _mac_situation(stage: Stage, incoming: Incoming, terminal: str, key: bytes) -> Situation:
    talk = stage.talk
    keys = talk.session_keys(incoming.link, terminal)
    others = [("mac_other_generation", other) for _, other in talk.profile.other_generations(terminal)]
    right = key
    if keys is not None and keys.counter:
        others.append(("mac_own_key_in_session", key))
        right = talk.session_key(incoming.link, terminal) or key
    return replace(_base(stage), reading=incoming.reading, key=right, other_keys=tuple(others))


def _base(stage: Stage) -> Situation:
    return Situation(stage.spec, stage.talk.epoch_ms)


def _anchor(stage: Stage, mti: str) -> str:
    original = _as_original(mti) if mti.isdecimal() else ""
    return original if original in stage.spec.messages else ""


def _as_original(mti: str) -> str:
    return mti if is_response(mti) else original_of(mti)


def _name(stage: Stage, path: str) -> str:
    number, _, tag = path.partition(".")
    if tag:
        return stage.spec.tags[tag].name if tag in stage.spec.tags else ""
    known = stage.spec.fields.get(int(number)) if number.isdecimal() else None
    return known.name if known else ""
