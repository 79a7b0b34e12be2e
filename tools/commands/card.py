"""`vafa card`."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from protocol.card_application import keys
from protocol.card_application.faults import CardFault, CardFaultCode
from protocol.card_application.records import Balance, Identity
from protocol.presentation.card_numbers import keep_ends, passes_luhn
from simulator.virtual_card.meeting import CardMeeting
from tools.card.card_keys import KeyFault, card_master_key, transport_key
from tools.card.channel import ReaderFault, reader_channel, reader_names, virtual_channel

_Command = TypeVar("_Command", bound=Callable[..., object])
_FILE = click.Path(path_type=Path, dir_okay=False)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
_UNSAFE = click.option("--unsafe", is_flag=True, help="The whole card number.")
_MASTER_KEY = click.option("--master-key-file", type=_FILE, help="Card master key: 64 hexadecimal digits.")
_VIRTUAL_CARD = "var/card.bin"


def _place_options(command: _Command) -> _Command:
    virtual = click.option(
        "--virtual",
        is_flag=False,
        flag_value=_VIRTUAL_CARD,
        metavar="[FILE]",
        help=f"A virtual card instead of a reader; it lives in FILE.  [default: {_VIRTUAL_CARD}]",
    )
    return virtual(click.option("--reader", metavar="NAME", help="A part of the reader's name.")(command))


@click.group()
def card() -> None:
    """The club's chip cards: issue, read and verify them, in a PC/SC reader or as a virtual card."""


@card.command()
def readers() -> None:
    """List the PC/SC readers of this machine."""
    with _told_faults():
        names = reader_names()
    for name in names:
        click.echo(name)
    if not names:
        click.echo("no reader", err=True)


@card.command()
@click.option(
    "--card-number", required=True, metavar="DIGITS", help="8 to 19 digits, the last its check digit."
)
@click.option("--member-number", required=True, type=click.IntRange(1, 2**63 - 1))
@click.option("--expiry", required=True, metavar="YYMM")
@click.option("--sequence", default=0, type=click.IntRange(0, 99), help="Counts cards of one number.")
@click.option("--zone", default=1, type=click.IntRange(0, 0xFFFF), show_default=True, help="Key zone.")
@click.option("--generation", default=1, type=click.IntRange(0, 0xFF), show_default=True, help="Of its key.")
@click.option("--balance", type=click.IntRange(0), help="Offline balance to begin with, in smallest units.")
@click.option("--limit", default=0, type=click.IntRange(0), help="What of it may be spent offline.")
@click.option("--account-type", default="00", show_default=True, metavar="NN")
@click.option("--currency", default="364", show_default=True, metavar="NNN", help="ISO 4217, numeric.")
@_MASTER_KEY
@click.option("--transport-key-file", type=_FILE, help="Key of the blank cards: 32 hexadecimal digits.")
@_place_options
def personalise(  # noqa: PLR0917  (click passes each by name)
    card_number: str, member_number: int, expiry: str, sequence: int, zone: int, generation: int,
    balance: int | None, limit: int, account_type: str, currency: str, master_key_file: Path | None,
    transport_key_file: Path | None, virtual: str | None, reader: str | None,
) -> None:  # fmt: skip
    """Make a blank card a member's, once and for all."""
    if not re.fullmatch("[0-9]{8,19}", card_number) or not passes_luhn(card_number):
        raise click.BadParameter("not 8 to 19 digits with a check digit", param_hint="--card-number")
    if not re.fullmatch("[0-9]{2}(0[1-9]|1[0-2])", expiry):
        raise click.BadParameter("not YYMM", param_hint="--expiry")
    identity = Identity(card_number, sequence, member_number, expiry, zone, generation)
    today = f"{datetime.now(UTC):%Y%m%d}"
    first = Balance(1, balance, limit, today, account_type, currency) if balance is not None else None
    try:
        raw = identity.pack()
        if first:
            first.pack()
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    with _told_faults():
        master = card_master_key(master_key_file, virtual=virtual is not None)
        transport = transport_key(transport_key_file, virtual=virtual is not None)
        zone_key = keys.zone_key(master, zone, generation)
        card_key = keys.card_key(zone_key, raw)
        with _meeting(virtual, reader) as meeting:
            if meeting.read_identity() is not None:
                raise ReaderFault("this card is somebody's already; only a blank one can be personalised")
            meeting.authenticate(transport, None)
            meeting.personalise(identity, card_key, transport)
            if first:
                meeting.authenticate(card_key, identity)
                meeting.write_balance(keys.balance_key(zone_key, raw), first)
    click.echo(f"personalised: {_hidden(card_number)}, sequence {sequence}, zone {zone}.{generation}")


@card.command()
@_UNSAFE
@_JSON
@_place_options
def read(virtual: str | None, reader: str | None, *, unsafe: bool, as_json: bool) -> None:
    """Tell whose card it says that it is. Anyone can make a card that says the same: `verify` proves it."""
    with _told_faults(), _meeting(virtual, reader) as meeting:
        identity = meeting.read_identity()
    if identity is None:
        raise click.ClickException("a blank card")
    _print(_told_identity(identity, unsafe=unsafe), as_json=as_json)


@card.command()
@_MASTER_KEY
@_UNSAFE
@_JSON
@_place_options
def verify(
    master_key_file: Path | None, virtual: str | None, reader: str | None, *, unsafe: bool, as_json: bool
) -> None:
    """Have the card prove itself, and read its offline balance. Exit code 1 if it is not genuine."""
    with _told_faults():
        master = card_master_key(master_key_file, virtual=virtual is not None)
        with _meeting(virtual, reader) as meeting:
            identity = meeting.read_identity()
            if identity is None:
                raise CardFault(CardFaultCode.NOT_GENUINE)
            zone_key = keys.zone_key(master, identity.key_zone, identity.key_generation)
            raw = identity.pack()
            meeting.authenticate(keys.card_key(zone_key, raw), identity)
            balance = meeting.read_balance(keys.balance_key(zone_key, raw))
    told = {"genuine": True, **_told_identity(identity, unsafe=unsafe), "sessions": meeting.sessions}
    told["offline_balance"] = asdict(balance) if balance else None
    _print(told, as_json=as_json)


@card.command("zone-key")
@click.option("--zone", required=True, type=click.IntRange(0, 0xFFFF))
@click.option("--generation", required=True, type=click.IntRange(0, 0xFF))
@click.option("--master-key-file", type=_FILE, required=True, help="Card master key: 64 hexadecimal digits.")
@click.argument("output", type=_FILE)
def zone_key_command(zone: int, generation: int, master_key_file: Path, output: Path) -> None:
    """Write the key of a zone, for the secure slot of its terminals, into the new file OUTPUT (mode 0600)."""
    with _told_faults():
        key = keys.zone_key(card_master_key(master_key_file, virtual=False), zone, generation)
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise click.ClickException(f"{output}: {fault.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")


@contextmanager
def _meeting(virtual: str | None, reader: str | None) -> Iterator[CardMeeting]:
    channel = virtual_channel(Path(virtual)) if virtual is not None else reader_channel(reader)
    with channel as transmit:
        meeting = CardMeeting(transmit, os.urandom)
        meeting.select()
        yield meeting


@contextmanager
def _told_faults() -> Iterator[None]:
    try:
        yield
    except (CardFault, KeyFault, ReaderFault) as fault:
        raise click.ClickException(str(fault)) from None


def _told_identity(identity: Identity, *, unsafe: bool) -> dict[str, object]:
    told: dict[str, object] = asdict(identity)
    if not unsafe:
        told["card_number"] = _hidden(identity.card_number)
    return told


def _hidden(number: str) -> str:
    hidden = set(keep_ends(list(range(len(number)))))
    return "".join("*" if place in hidden else digit for place, digit in enumerate(number))


def _print(told: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told))
        return
    for name, value in told.items():
        if isinstance(value, dict):
            _print({f"{name}.{part}": inner for part, inner in value.items()}, as_json=False)
        else:
            shown = {True: "yes", None: "none"}.get(value, value) if isinstance(value, bool | None) else value
            click.echo(f"{name.replace('_', ' '):28} {shown}")
