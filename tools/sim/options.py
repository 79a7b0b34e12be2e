"""What the commands of `vafa sim` are told: the peer, and who we are to it."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

from simulator.scripts import Endpoint, Profile, ProfileFault, Script, load_profile
from simulator.scripts.profile import checked_profile
from switch.gate.link_plan import Address, read_address
from tools.sim.bench_keys import bench_key

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_Command = TypeVar("_Command", bound=Callable[..., object])


class Given(NamedTuple):
    """The options as they were given."""

    profile: Path | None
    terminal_id: str | None
    merchant_id: str | None
    key_file: Path | None
    master_key_file: Path | None
    generation: int | None
    variables: tuple[str, ...]
    target: str | None = None
    listen: str | None = None
    tls_ca: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    drive: str | None = None
    start: str | None = None
    wait_ms: int | None = None
    allow_production_keys: bool = False


def peer_options(command: _Command) -> _Command:
    """Add all options in `Given` to a command, by the names there."""
    for option in (
        click.option(
            "--wait-ms", type=click.IntRange(1, 600_000),
            help="A step waits no longer than this, nor than its script says: for runs without people.",
        ),
        click.option(
            "--start", metavar="COMMAND",
            help="Starts the terminal under test; {address}, {host} and {port} in COMMAND are where to "
            "connect. What is asked is a line on its standard input; it prints a line when that is done.",
        ),
        click.option(
            "--drive", metavar="COMMAND",
            help="Runs COMMAND WHAT [AMOUNT] for whatever the terminal under test is asked to do.",
        ),
        click.option("--tls-key", type=_FILE, help="PEM: its key."),
        click.option("--tls-certificate", type=_FILE, help="PEM: our own certificate."),
        click.option(
            "--tls-ca", type=_FILE, help="PEM: issuer of the peer's certificate; the link has TLS then."
        ),
        identity_options,
        click.option("--listen", metavar="HOST:PORT", help="Wait for the terminal under test."),
        click.option("--target", metavar="HOST:PORT", help="Connect to the switch under test."),
    ):  # fmt: skip
        command = option(command)
    return command


def identity_options(command: _Command) -> _Command:
    """Add those that tell who we are."""
    for option in reversed(
        (
            click.option(
                "--profile", type=_FILE, help="TOML: terminal, merchant, keys, test cards. Test keys only."
            ),
            click.option("--terminal-id", help="In place of the profile's."),
            click.option("--merchant-id", help="In place of the profile's."),
            click.option("--key-file", type=_FILE, help="The terminal's MAC key, 32 hexadecimal digits."),
            click.option(
                "--master-key-file", type=_FILE, help="The switch's master key, 64 hexadecimal digits."
            ),
            click.option(
                "--generation", type=click.IntRange(1, 9999), help="Of the terminal's key, with a master key."
            ),
            click.option(
                "--allow-production-keys", is_flag=True, help="Take key files that are marked `production`."
            ),
            click.option(
                "--set", "variables", multiple=True, metavar="NAME=VALUE", help="A variable, as card=6280…"
            ),
        )
    ):
        command = option(command)
    return command


def profile_of(given: Given) -> Profile:
    """The profile with what the options change. Raises UsageError."""
    try:
        base = load_profile(given.profile) if given.profile else None
        document: dict[str, object] = base.model_dump() if base else {}
        for name, value in (
            ("terminal_id", given.terminal_id),
            ("merchant_id", given.merchant_id),
            ("generation", given.generation),
        ):
            if value is not None:
                document[name] = value
        if given.master_key_file is not None:
            document["master_key"] = _key(given.master_key_file, 64, given.allow_production_keys)
        if given.key_file is not None:
            terminal = str(document.get("terminal_id", "T0000001"))
            kept = base.keys if base else {}
            document["keys"] = {**kept, terminal: _key(given.key_file, 32, given.allow_production_keys)}
        document["variables"] = {**(base.variables if base else {}), **_variables(given.variables)}
        if not document.get("master_key") and not document.get("keys"):
            raise click.UsageError("no key: give --profile, --key-file or --master-key-file")
        return checked_profile(document, str(given.profile or "options"))
    except ProfileFault as fault:
        raise click.UsageError(str(fault)) from None


def _key(path: Path, digits: int, production_allowed: bool) -> str:
    found = bench_key(path, production_allowed)
    if len(found) != digits:
        raise click.UsageError(f"{path}: such a key has {digits} hexadecimal digits, not {len(found)}")
    return found


def in_haste(script: Script, wait_ms: int | None) -> Script:
    """The script with steps that wait no longer than so; the script's own patience stays the most."""
    if wait_ms is None or wait_ms >= script.wait_ms:
        return script
    return script.model_copy(update={"wait_ms": wait_ms})


def address_of(given: Given) -> Address:
    """Where to connect, or where to listen. Raises UsageError."""
    text = given.target or given.listen
    if text is None or (given.target is not None and given.listen is not None):
        raise click.UsageError("give --target HOST:PORT or --listen HOST:PORT, one of them")
    try:
        return read_address(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def endpoint_of(given: Given) -> Endpoint:
    """Where scripts run, with TLS where certificates are given. Raises UsageError."""
    address = address_of(given)
    try:
        tls = _tls(given)
    except (OSError, ssl.SSLError) as error:
        raise click.UsageError(f"certificates: {error.strerror or error}") from None
    if given.target is not None:
        return Endpoint((address.host, address.port), tls)
    return Endpoint(None, tls)


def _tls(given: Given) -> ssl.SSLContext | None:
    if given.tls_ca is None and given.tls_certificate is None:
        return None
    if given.target is not None:
        context = ssl.create_default_context(cafile=given.tls_ca)
        if given.tls_certificate is not None:
            context.load_cert_chain(given.tls_certificate, given.tls_key)
        return context
    if given.tls_certificate is None:
        raise click.UsageError("whoever listens with TLS wants --tls-certificate and --tls-key")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=given.tls_ca)
    context.load_cert_chain(given.tls_certificate, given.tls_key)
    if given.tls_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _variables(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise click.UsageError("--set wants NAME=VALUE")
        found[name] = value
    return found
