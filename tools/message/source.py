"""Messages from an argument, a file or standard input."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from protocol.codec import encode
from protocol.faults import ProtocolFault
from protocol.presentation.capture import MAXIMUM_BYTES, Capture, CaptureFault, CaptureForm, read_capture
from protocol.presentation.envelope import Envelope, EnvelopeFault, open_envelope
from protocol.presentation.json_form import JsonFaults, from_json
from protocol.presentation.spans import Reading, read
from protocol.spec import SpecDocument, SpecFault, load_spec

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Item:
    """One message of the input, numbered from 1. There is no reading where a document is no message."""

    number: int
    reading: Reading | None
    faults: tuple[ProtocolFault, ...]


class WrongInput(click.ClickException):
    """The input is not what it should be: one line, exit code 2. Nothing of the input is in it."""

    exit_code = 2


def spec_named(name: str) -> SpecDocument:
    """A bundled spec by name, or the spec in a file. Raises WrongInput with all faults of that."""
    try:
        return load_spec(name)
    except SpecFault as fault:
        raise WrongInput(str(fault)) from None


def capture_of(argument: str, form: CaptureForm) -> Capture:
    """What an argument names: standard input for "-", a file, or else the message itself."""
    try:
        if argument == STANDARD_INPUT:
            if sys.stdin.isatty():
                raise WrongInput("no message: name a file, give hexadecimal digits, or pipe one in")
            return read_capture(sys.stdin.buffer.read(MAXIMUM_BYTES + 1), form)
        path = _file(argument)
        if path is not None:
            with path.open("rb") as file:
                return read_capture(file.read(MAXIMUM_BYTES + 1), form)
        capture = read_capture(argument.encode("utf-8", "surrogateescape"), form)
    except CaptureFault as fault:
        where = "standard input" if argument == STANDARD_INPUT else "the input"
        known = argument == STANDARD_INPUT or _file(argument) is not None
        raise WrongInput(f"{where}: {fault}" if known else f"neither a file nor a message: {fault}") from None
    except OSError as error:
        raise WrongInput(f"cannot read the file: {error.strerror}") from None
    if capture.form == "binary":
        raise WrongInput("neither a file nor a message: bytes come from a file or standard input")
    return capture


def items(spec: SpecDocument, capture: Capture, envelope: Envelope) -> Iterator[Item]:
    """The messages of a capture, read by a spec. Raises WrongInput where bytes are not in the envelope."""
    number = 0
    for raw in capture.payloads:
        for payload in payloads(raw, envelope):
            number += 1
            reading = read(spec, payload)
            yield Item(number, reading, reading.faults)
    for document in capture.documents:
        number += 1
        yield _item(spec, number, document)


def payloads(raw: bytes, envelope: Envelope) -> list[bytes]:
    """Payloads in captured bytes. Raises WrongInput."""
    try:
        return open_envelope(envelope, raw)
    except EnvelopeFault as fault:
        raise WrongInput(f"no {envelope.in_words}: {fault}") from None


def _item(spec: SpecDocument, number: int, document: object) -> Item:
    try:
        reading = read(spec, encode(spec, from_json(spec, document)))
    except JsonFaults as faults:
        return Item(number, None, faults.faults)
    except ProtocolFault as fault:
        return Item(number, None, (fault,))
    return Item(number, reading, reading.faults)


def _file(argument: str) -> Path | None:
    """The file that an argument names; hexadecimal digits may be longer than any name can be."""
    path = Path(argument)
    try:
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None
