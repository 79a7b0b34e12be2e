"""`vafa message`."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TypeVar

import click

from protocol.codec import encode
from protocol.presentation.capture import Capture, CaptureForm
from protocol.presentation.difference import differences
from protocol.presentation.doctor import Diagnosis, diagnose
from protocol.presentation.envelope import Envelope, EnvelopeFault, in_envelope
from protocol.presentation.json_form import to_json
from protocol.presentation.masking import Masking, redact
from protocol.presentation.spans import Reading
from protocol.presentation.text import Language, difference_document, document, fault_document
from protocol.presentation.verdict import all_faults
from protocol.spec import bundled_specs
from protocol.spec.compatibility import Verdict, compare, worst
from tools.message.printer import Printer
from tools.message.source import STANDARD_INPUT, Item, WrongInput, capture_of, items, spec_named

_Command = TypeVar("_Command", bound=Callable[..., object])
_FORMS = ("hex", "json", "binary")


_INPUT = click.argument("source", metavar="[INPUT]", default=STANDARD_INPUT)
_SPEC = click.option(
    "--spec", "spec_name", default="vafa", show_default=True, help="A bundled spec, or a file of one."
)
_FROM = click.option(
    "--from", "form", type=click.Choice(("auto", *_FORMS)), default="auto", show_default=True,
    help="What INPUT is.",
)  # fmt: skip
_ENVELOPE = click.option(
    "--envelope", type=click.Choice([each.value for each in Envelope]), default=Envelope.NONE.value,
    show_default=True, callback=lambda _, __, value: Envelope(value),
    help="What stands around each payload.",
)  # fmt: skip
_FRAMED = click.option("--framed", is_flag=True, help="Short for --envelope length-2.")
_UNSAFE = click.option("--unsafe", is_flag=True, help="Show what is masked: card numbers, tracks, members.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One line of JSON for each message.")
_COLOR = click.option("--color/--no-color", default=None, help="[default: as the output is a terminal]")
_LANGUAGE = click.option(
    "--language", type=click.Choice(("en", "fa")), default="en", show_default=True, help="Of names."
)


def _reading(command: _Command) -> _Command:
    """Options of every verb that reads messages by a spec."""
    return _SPEC(_FROM(_ENVELOPE(_FRAMED(command))))


def _showing(command: _Command) -> _Command:
    """Options of every verb that prints for people."""
    return _UNSAFE(_COLOR(_LANGUAGE(command)))


@click.group()
def message() -> None:
    """Look at messages, compare, convert and judge them.

    INPUT is a file, "-" for standard input, or hexadecimal digits. Hexadecimal text may have spaces, colons,
    0x and a column of offsets; each line is a message, or each dump. JSON is as `convert` writes it.

    What is printed is masked as the spec says, and card numbers in free text too, unless --unsafe is given.
    Only `convert` writes values as they are.

    \b
    Exit codes: 0 as hoped, 1 a message is wrong (or differs), 2 the input is not a message.
    """


@message.command()
@_INPUT
@_reading
@_showing
@_JSON
def view(  # noqa: PLR0917  (click passes each by name)
    source: str, spec_name: str, form: CaptureForm, envelope: Envelope, framed: bool, unsafe: bool,
    color: bool | None, language: Language, as_json: bool,
) -> None:  # fmt: skip
    """Show each field with its bytes, name and value.

    Ranges name the first and the last byte, counted from 0. In JSON, `end` is the byte behind.
    """
    printer = Printer(language, unsafe=unsafe, color=color)
    failed = False
    for item in _items(source, spec_name, form, envelope, framed):
        failed |= bool(item.faults)
        if as_json:
            printer.document(_view_document(item, unsafe=unsafe))
            continue
        if item.reading is not None:
            printer.heading(item)
            printer.table(item.reading)
        printer.faults(item, with_fields=False)
    _leave(failed)


@message.command()
@click.argument("old")
@click.argument("new")
@_reading
@_showing
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--specs", "are_specs", is_flag=True, help="OLD and NEW are specs, by name or file.")
def diff(  # noqa: PLR0917
    old: str, new: str, spec_name: str, form: CaptureForm, envelope: Envelope, framed: bool, unsafe: bool,
    color: bool | None, language: Language, as_json: bool, are_specs: bool,
) -> None:  # fmt: skip
    """Compare two messages field by field, or two specs; exit code 1 where messages differ.

    With --specs it tells what the change means for terminals in the field; exit code 1 where it breaks them.
    """
    printer = Printer(language, unsafe=unsafe, color=color)
    if are_specs:
        _compare_specs(printer, old, new, as_json=as_json)
        return
    pairs = _pairs(*(list(_items(source, spec_name, form, envelope, framed)) for source in (old, new)))
    differ = False
    for one, other in pairs:
        readings = [_sound(printer, item) for item in (one, other)]
        found = differences(*readings, unsafe=unsafe)
        differ |= bool(found)
        if as_json:
            printer.document(
                {"message": one.number, "differences": [difference_document(each) for each in found]}
            )
        else:
            if len(pairs) > 1:
                printer.line(f"message {one.number}:")
            printer.differences(found)
    _leave(differ)


@message.command("redact")
@_INPUT
@_reading
@click.option("--to", "target", type=click.Choice(_FORMS), help="[default: as INPUT is]")
@_COLOR
def redact_messages(  # noqa: PLR0917
    source: str, spec_name: str, form: CaptureForm, envelope: Envelope, framed: bool, target: str | None,
    color: bool | None,
) -> None:  # fmt: skip
    """Write messages that may be shared: all that is masked is replaced, no length changes.

    The MAC stays as it is and so does not fit any more.
    """
    _rewrite(source, spec_name, form, _envelope(envelope, framed), target, color, redacted=True)


@message.command()
@_INPUT
@_reading
@click.option("--to", "target", type=click.Choice(_FORMS), help="[default: json, or hex for JSON]")
@_COLOR
def convert(  # noqa: PLR0917
    source: str, spec_name: str, form: CaptureForm, envelope: Envelope, framed: bool, target: str | None,
    color: bool | None,
) -> None:  # fmt: skip
    """Write messages in another form, without loss.

    Values are written as they are, NOT masked: use `redact` for what is to be shared. The MAC is kept as it
    stands. A message is not judged by the rules of its type; that is what `validate` is for.
    """
    _rewrite(source, spec_name, form, _envelope(envelope, framed), target, color, redacted=False)


@message.command()
@_INPUT
@_reading
@_showing
@_JSON
def validate(  # noqa: PLR0917
    source: str, spec_name: str, form: CaptureForm, envelope: Envelope, framed: bool, unsafe: bool,
    color: bool | None, language: Language, as_json: bool,
) -> None:  # fmt: skip
    """Tell all faults: of the bytes, and against the rules of the message type."""
    printer = Printer(language, unsafe=unsafe, color=color)
    failed = False
    for item in _items(source, spec_name, form, envelope, framed):
        faults = all_faults(item.reading) if item.reading else list(item.faults)
        failed |= bool(faults)
        if as_json:
            told = [fault_document(item.reading, fault) for fault in faults]
            mti = item.reading.mti if item.reading else None
            printer.document({"message": item.number, "mti": mti, "valid": not faults, "faults": told})
        else:
            printer.verdict(item, faults)
    _leave(failed)


@message.command()
@_INPUT
@click.option("--spec", "spec_names", multiple=True, help="A further spec to try: a name or a file.")
@_FROM
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with all that was tried.")
@_COLOR
def doctor(
    source: str, spec_names: tuple[str, ...], form: CaptureForm, as_json: bool, color: bool | None
) -> None:
    """Find out what a capture is: try every spec, bare and in every envelope.

    The likeliest comes first; of each other it is told how far it went and why it failed. Exit code 1 where
    nothing could be read to the end.
    """
    printer = Printer("en", unsafe=False, color=color)
    capture = capture_of(source, form)
    if capture.form == "json":
        raise WrongInput("JSON has no bytes to look at")
    names = list(dict.fromkeys([*bundled_specs(), *spec_names]))
    found = diagnose([spec_named(name) for name in names], capture.payloads)
    if as_json:
        told = [{**asdict(each), "envelope": each.envelope.value, "fits": each.fits} for each in found]
        printer.document({"diagnoses": told})
    else:
        _print_diagnoses(printer, found)
    _leave(found[0].whole < found[0].tried or not found[0].tried)


def _envelope(envelope: Envelope, framed: bool) -> Envelope:
    if framed and envelope not in (Envelope.NONE, Envelope.LENGTH_2_BYTES):
        raise click.UsageError("--framed and --envelope say different things")
    return Envelope.LENGTH_2_BYTES if framed else envelope


def _items(
    source: str, spec_name: str, form: CaptureForm, envelope: Envelope, framed: bool
) -> Iterator[Item]:
    return items(spec_named(spec_name), capture_of(source, form), _envelope(envelope, framed))


def _rewrite(  # noqa: PLR0917
    source: str, spec_name: str, form: CaptureForm, envelope: Envelope, target: str | None,
    color: bool | None, redacted: bool,
) -> None:  # fmt: skip
    """Every message that can be read, written again; the faults of the others go to standard error."""
    printer = Printer("en", unsafe=False, color=color)
    capture = capture_of(source, form)
    target = target or _default_target(capture, redacted=redacted)
    found = list(items(spec_named(spec_name), capture, envelope))
    if target == "binary" and envelope == Envelope.NONE and len(found) > 1:
        raise WrongInput(f"{len(found)} bare messages in one binary output could not be told apart: --framed")
    failed = False
    for item in found:
        if item.reading is None or item.faults:
            failed = True
            printer.faults(item, with_fields=True)
        else:
            _write(printer, item.reading, target, envelope, redacted=redacted)
    _leave(failed)


def _default_target(capture: Capture, *, redacted: bool) -> str:
    if redacted:
        return capture.form
    return "hex" if capture.form == "json" else "json"


def _write(printer: Printer, reading: Reading, target: str, envelope: Envelope, *, redacted: bool) -> None:
    content = redact(reading) if redacted else reading.message()
    if target == "json":
        printer.document(to_json(content))
        return
    try:
        raw = in_envelope(envelope, encode(reading.spec, content))
    except EnvelopeFault as fault:
        raise WrongInput(str(fault)) from None
    if target == "hex":
        printer.line(raw.hex())
    else:
        click.echo(raw, nl=False)


def _view_document(item: Item, *, unsafe: bool) -> dict[str, object]:
    reading = item.reading
    if reading is None:
        faults = [fault_document(None, fault) for fault in item.faults]
        return {"message": item.number, "mti": None, "fields": [], "faults": faults}
    return {"message": item.number, **document(reading, Masking(reading, unsafe=unsafe))}


def _pairs(old: list[Item], new: list[Item]) -> list[tuple[Item, Item]]:
    if len(old) != len(new):
        raise WrongInput(f"{len(old)} messages against {len(new)}: they cannot be paired")
    return list(zip(old, new, strict=True))


def _sound(printer: Printer, item: Item) -> Reading:
    """A message without faults; with any, they are told and the command ends."""
    if item.reading is None or item.faults:
        printer.faults(item, with_fields=False)
        raise SystemExit(1)
    return item.reading


def _compare_specs(printer: Printer, old: str, new: str, *, as_json: bool) -> None:
    changes = compare(spec_named(old), spec_named(new))
    verdict = worst(changes)
    if as_json:
        told = [{**asdict(change), "verdict": change.verdict, "effect": change.effect} for change in changes]
        printer.document({"verdict": verdict, "changes": told})
    else:
        for change in changes:
            path = f"{change.path} {change.axis}".strip()
            printer.line(f"{_styled(change.verdict)}  {path}: {change.before} -> {change.after}")
            if change.verdict != Verdict.COMPATIBLE:
                printer.line(f"  {change.effect}")
        printer.line(f"{len(changes)} changes; verdict: {_styled(verdict)}")
    _leave(verdict == Verdict.BREAKING)


def _styled(verdict: Verdict) -> str:
    colours = {Verdict.COMPATIBLE: "green", Verdict.COMPATIBLE_IF_UNUSED: "yellow", Verdict.BREAKING: "red"}
    return click.style(verdict.replace("_", " "), fg=colours[verdict])


def _print_diagnoses(printer: Printer, found: list[Diagnosis]) -> None:
    opened = [each for each in found if each.tried]
    width = max((len(each.spec) for each in opened), default=0)
    for place, each in enumerate(opened, 1):
        verdict = each.reason or f"fits: {each.messages} message{'s' if each.messages > 1 else ''}"
        share = f"{each.read_permille // 10:3} %"
        name = click.style(f"{each.spec:{width}}", fg="green" if each.fits else None)
        printer.line(f"{place:2}. {name}  {each.envelope:14}  {share}  {verdict}")
    for envelope in Envelope:
        reason = next((each.reason for each in found if each.envelope == envelope and not each.tried), None)
        if reason:
            printer.line(f" -  {envelope.value}: {reason}")


def _leave(failed: bool) -> None:
    if failed:
        raise SystemExit(1)
