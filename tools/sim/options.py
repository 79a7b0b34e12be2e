"""What `vafa sim run` and `vafa sim certify` are told: the peer, and who we are to it."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

from simulator.scripts import Endpoint, Profile, ProfileFault, load_profile
from simulator.scripts.profile import checked_profile
from switch.gate.link_plan import Address, read_address

_KEY_FILE_MAX_BYTES = 256
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_Command = TypeVar("_Command", bound=Callable[..., object])


class Given(NamedTuple):
    """The options as they were given."""

    target: str | None
    listen: str | None
    profile: Path | None
    terminal_id: str | None
    merchant_id: str | None
    key_file: Path | None
    master_key_file: Path | None
    generation: int | None
    variables: tuple[str, ...]
    tls_ca: Path | None
    tls_certificate: Path | None
    tls_key: Path | None


def peer_options(command: _Command) -> _Command:
    """Add the options to a command; it gets them by the names in `Given`."""
    for option in reversed(
        (
            click.option("--target", metavar="HOST:PORT", help="Connect to the switch under test."),
            click.option("--listen", metavar="HOST:PORT", help="Wait for the terminal under test."),
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
                "--set", "variables", multiple=True, metavar="NAME=VALUE", help="A variable, as card=6280…"
            ),
            click.option(
                "--tls-ca", type=_FILE, help="PEM: issuer of the peer's certificate; the link has TLS then."
            ),
            click.option("--tls-certificate", type=_FILE, help="PEM: our own certificate."),
            click.option("--tls-key", type=_FILE, help="PEM: its key."),
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
            document["master_key"] = _secret(given.master_key_file)
        if given.key_file is not None:
            terminal = str(document.get("terminal_id", "T0000001"))
            kept = base.keys if base else {}
            document["keys"] = {**kept, terminal: _secret(given.key_file)}
        document["variables"] = {**(base.variables if base else {}), **_variables(given.variables)}
        if not document.get("master_key") and not document.get("keys"):
            raise click.UsageError("no key: give --profile, --key-file or --master-key-file")
        return checked_profile(document, str(given.profile or "options"))
    except ProfileFault as fault:
        raise click.UsageError(str(fault)) from None


def address_of(given: Given) -> Address:
    """Where to connect, or where to listen. Raises UsageError."""
    text = given.target or given.listen
    if text is None or (given.target is not None and given.listen is not None):
        raise click.UsageError("give --target HOST:PORT or --listen HOST:PORT, one of them")
    try:
        return read_address(text)
    except ValueError as error:
        raise click.UsageError(f"{text}: {error}") from None


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


def _secret(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_KEY_FILE_MAX_BYTES).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise click.UsageError(f"{path}: no key can be read from it") from None


def _variables(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise click.UsageError("--set wants NAME=VALUE")
        found[name] = value
    return found
