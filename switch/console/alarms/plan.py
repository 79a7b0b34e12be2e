"""The alarms file as a whole: rules, and who hears of them."""

import socket
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator

from switch.console.alarms.courier import Channel
from switch.console.alarms.mail import Mail, MailServer, Security
from switch.console.alarms.rules import (
    AlarmsFault,
    Document,
    Name,
    Rule,
    Severity,
    default_rules,
    first_fault,
    read_document,
    rules_over_defaults,
)
from switch.console.alarms.webhook import Webhook, read_webhook_secret
from switch.console.alarms.wording import Language, Wording
from switch.secret_files import read_secret

CHANNELS_MAX: Final = 8
_OWN_KEYS: Final = ("alarms", "defaults")

Address = Annotated[str, Field(pattern=r"^[!-;=?-~]+@[A-Za-z0-9.-]+$", max_length=254)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class _Webhook(Document):
    name: Name
    url: str = Field(max_length=2048, pattern=r"^https?://[!-~]+$")
    secret_file: Path
    ca_file: Path | None = None
    least: Severity = Severity.WARNING

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        address = urlsplit(self.url)
        if not address.hostname or address.username is not None or (address.port or 1) < 1:
            raise ValueError("url: wants a host, and no user")
        if address.scheme == "http" and not _is_here(address.hostname):
            raise ValueError("url: without https only to this machine")
        return self


class _Mail(Document):
    name: Name
    host: str = Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    security: Security = Security.STARTTLS
    ca_file: Path | None = None
    username: str = Field("", max_length=254)
    password_file: Path | None = None
    sender: Address
    to: Annotated[tuple[Address, ...], Field(min_length=1, max_length=20)]
    language: Language = Language.EN
    least: Severity = Severity.WARNING

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if bool(self.username) != (self.password_file is not None):
            raise ValueError("username and password_file belong together")
        if self.security is Security.NONE and not _is_here(self.host):
            raise ValueError("security: none only to this machine")
        return self


class _Messages(Document):
    wait_s: Seconds = 5.0
    apart_s: Seconds = 60.0


class _Delivery(Document):
    switch: str = Field("", max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")
    messages: _Messages = _Messages()
    webhooks: Annotated[tuple[_Webhook, ...], Field(max_length=CHANNELS_MAX)] = ()
    mails: Annotated[tuple[_Mail, ...], Field(max_length=CHANNELS_MAX)] = ()


class Receiver(NamedTuple):
    """Who hears of alarms from a severity on."""

    channel: Channel
    least: Severity


class Plan(NamedTuple):
    """What the file says. The first happening of a message waits `wait_s` for others, and messages to one
    receiver are `apart_s` apart."""

    rules: Sequence[Rule]
    wording: Wording
    receivers: Sequence[Receiver] = ()
    wait_s: float = 5.0
    apart_s: float = 60.0


def load_plan(path: Path | None) -> Plan:
    """The plan of a file; the bundled rules and no receivers without one.

    Raises:
        AlarmsFault, SecretFault
    """
    if path is None:
        return _plan(default_rules(), _Delivery(), None)
    document = read_document(path)
    rules = rules_over_defaults(document, path)
    try:
        delivery = _Delivery.model_validate(
            {key: value for key, value in document.items() if key not in _OWN_KEYS}
        )
    except ValidationError as fault:
        raise AlarmsFault(f"alarms file {path}: {first_fault(fault)}") from None
    return _plan(rules, delivery, path)


def _plan(rules: Sequence[Rule], delivery: _Delivery, path: Path | None) -> Plan:
    wording = Wording({rule.name: rule for rule in rules}, delivery.switch or socket.gethostname())
    receivers = [
        *(Receiver(_webhook(each, wording, path), each.least) for each in delivery.webhooks),
        *(Receiver(_mail(each, wording, path), each.least) for each in delivery.mails),
    ]
    return Plan(rules, wording, receivers, delivery.messages.wait_s, delivery.messages.apart_s)


def _webhook(written: _Webhook, wording: Wording, path: Path | None) -> Webhook:
    secret = read_webhook_secret(read_secret(written.secret_file, "webhook secret"))
    if secret is None:
        raise AlarmsFault(
            f"webhook secret file {written.secret_file}: not whsec_ and 24 to 64 bytes in base64"
        )
    address = urlsplit(written.url)
    context = _context(written.ca_file, path) if address.scheme == "https" else None
    return Webhook(written.name, address, wording, secret=secret, context=context)


def _mail(written: _Mail, wording: Wording, path: Path | None) -> Mail:
    password = "" if written.password_file is None else read_secret(written.password_file, "mail password")
    context = None if written.security is Security.NONE else _context(written.ca_file, path)
    server = MailServer(written.host, written.port, written.security, written.username, password, context)
    return Mail(
        written.name, server, wording, sender=written.sender, receivers=written.to, language=written.language
    )


def _context(ca_file: Path | None, path: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise AlarmsFault(f"alarms file {path}: ca_file {ca_file}: {error.strerror or 'no PEM'}") from None


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
