"""A recorded session as the text of a script: TOML of the form that `vafa sim run` plays."""

import json
from collections.abc import Iterable, Iterator, Mapping

from simulator.session_recording.recorder import Recorder

_TOTAL_MS = 600_000


def script_text(recorder: Recorder) -> str:
    """The whole file. What whoever plays it must give, and what was left out, stands in its head."""
    return "\n".join(_lines(recorder)) + "\n"


def _lines(recorder: Recorder) -> Iterator[str]:
    yield "# A recorded session. Times, trace numbers, RRNs and MACs are new whenever it is played:"
    yield "# vafa sim run THIS-FILE --target HOST:PORT --terminal-id ID --merchant-id ID --key-file FILE"
    for name in recorder.safe.wanted:
        yield f"# It wants --set {name}=…: that value may not stand in a file."
    for what in recorder.left_out:
        yield f"# Left out: {what}."
    yield "format = 1"
    yield 'as = "terminal"'
    yield 'title = { en = "A recorded session", fa = "نشست ضبط‌شده" }'
    yield f"total_ms = {_TOTAL_MS}"
    if recorder.safe.values:
        yield ""
        yield "[variables]"
        yield from (f"{name} = {_value(value)}" for name, value in recorder.safe.values.items())
    for step in recorder.steps:
        yield ""
        yield "[[steps]]"
        yield from (f"{key} = {_value(value)}" for key, value in step.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # A JSON text is a TOML basic string, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, Iterable):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    raise TypeError(f"a script has no {type(value).__name__}")
