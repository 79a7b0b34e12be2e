"""E-mail by SMTP (RFC 5321): one connection for a batch, in a thread, to an address that was checked."""

import asyncio
import smtplib
import ssl
import time
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from host_api.core.clock import utc_now
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.outgoing.checked_connections import ConnectionRefused, permitted_addresses
from host_api.services.messages.gateways.adapter import Answer, OutgoingMessage, Verdict, unreachable
from host_api.services.messages.gateways.schemas import SmtpSecurity, SmtpSettings

_TIMEOUT_S: Final = 10.0
_BATCH_S: Final = 60.0


class _CheckedSmtp(smtplib.SMTP):
    """Connects to an address that was checked, and asks for the certificate of the name."""

    def __init__(self, settings: SmtpSettings, address: str, certificates: ssl.SSLContext) -> None:
        super().__init__(timeout=_TIMEOUT_S)
        self._host = settings.host  # STARTTLS asks for this name
        self._is_tls = settings.security is SmtpSecurity.TLS
        self._certificates = certificates
        self.connect(address, settings.port)

    def _get_socket(self, host: str, port: int, timeout: float) -> object:
        opened = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return self._certificates.wrap_socket(opened, server_hostname=self._host) if self._is_tls else opened


class Smtp:
    """The adapter; a server doesn't tell one message from its repetition, nor whether it was read.

    Parameters:
        certificates: what to trust; None for the system's certificate authorities.
    """

    is_repeatable = False

    def __init__(
        self,
        policy: AddressPolicy,
        settings: SmtpSettings,
        password: str | None,
        *,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._settings = settings
        self._password = password
        self._certificates = certificates or ssl.create_default_context()

    async def close(self) -> None:
        """Nothing stays open."""

    async def ask(self, provider_ids: Sequence[str]) -> Mapping[str, bool]:
        """Nothing is known."""
        del provider_ids
        return {}

    async def send(self, messages: Sequence[OutgoingMessage]) -> Mapping[int, Answer]:
        """All over one connection; what the time doesn't suffice for is tried again."""
        try:
            addresses = await permitted_addresses(self._policy, self._settings.host, self._settings.port)
        except ConnectionRefused:
            return unreachable(messages, "address-refused")
        return await asyncio.to_thread(self._send, addresses[0], messages)

    def _send(self, address: str, messages: Sequence[OutgoingMessage]) -> dict[int, Answer]:
        answers = unreachable(messages, "connection")
        until_s = time.monotonic() + _BATCH_S
        try:
            with _CheckedSmtp(self._settings, address, self._certificates) as server:
                if self._settings.security is SmtpSecurity.STARTTLS:
                    server.starttls(context=self._certificates)
                if self._settings.user and self._password is not None:
                    server.login(self._settings.user, self._password)
                for message in messages:
                    if time.monotonic() >= until_s:
                        break
                    del answers[message.id]  # a connection lost now leaves it without a verdict
                    answers[message.id] = self._send_one(server, message)
        except (OSError, smtplib.SMTPException):
            pass  # what was not begun is unreachable
        return answers

    def _send_one(self, server: smtplib.SMTP, message: OutgoingMessage) -> Answer:
        name = f"<{message.id}.{self._settings.sender}>"
        try:
            written = self._written(message, name)
            server.send_message(written, self._settings.sender, [message.address])
        except smtplib.SMTPResponseException as refusal:
            return _refused(refusal.smtp_code)
        except smtplib.SMTPRecipientsRefused as refusal:
            return _refused(max((code for code, _ in refusal.recipients.values()), default=550))
        except (ValueError, smtplib.SMTPNotSupportedError):
            return Answer(Verdict.REFUSED, failure="bad-address")
        return Answer(Verdict.ACCEPTED, name[:64])

    def _written(self, message: OutgoingMessage, name: str) -> EmailMessage:
        written = EmailMessage()
        written["From"] = Address(self._settings.sender_name, addr_spec=self._settings.sender)
        written["To"] = Address(addr_spec=message.address)
        written["Subject"] = message.subject or self._settings.sender_name
        written["Date"] = format_datetime(utc_now())
        written["Message-ID"] = name
        written.set_content(message.text)
        return written


def _refused(code: int) -> Answer:
    """RFC 5321, section 4.2.1: 4yz may be tried again."""
    verdict = Verdict.UNREACHABLE if 400 <= code < 500 else Verdict.REFUSED
    return Answer(verdict, failure=f"smtp-{code}")
