"""Messages by e-mail."""

import logging
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from enum import StrEnum
from typing import Final, NamedTuple

from switch.console.alarms.courier import Undelivered
from switch.console.alarms.grouping import Group
from switch.console.alarms.wording import Language, Wording
from switch.logs import fields

_LOG = logging.getLogger("switch.console.alarms")

_TIMEOUT_S: Final = 10.0


class Security(StrEnum):
    """How a connection to a mail server is enciphered (RFC 3207, RFC 8314)."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailServer(NamedTuple):
    """Where mails are handed in. `username` is "" where nobody has to log in; `context` is None for
    `Security.NONE`."""

    host: str
    port: int
    security: Security
    username: str
    password: str
    context: ssl.SSLContext | None

    def connect(self) -> smtplib.SMTP:
        """A connection that is enciphered, and logged in. Raises OSError."""
        if self.security is Security.TLS:
            found: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=_TIMEOUT_S, context=self.context
            )
        else:
            found = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
        try:
            if self.security is Security.STARTTLS:
                found.starttls(context=self.context)
            if self.username:
                found.login(self.username, self.password)
        except BaseException:
            found.close()
            raise
        return found


class Mail:
    """Receivers of mails in one language."""

    def __init__(
        self,
        name: str,
        server: MailServer,
        wording: Wording,
        *,
        sender: str,
        receivers: Sequence[str],
        language: Language,
    ) -> None:
        self._name = name
        self._server = server
        self._sender = sender
        self._receivers = receivers
        self._language = language
        self._wording = wording

    @property
    def name(self) -> str:
        """For logs and the console."""
        return self._name

    def deliver(self, group: Group, message_id: str) -> None:
        """Hand it in. Raises Undelivered, OSError."""
        letter = self._wording.letter(group, self._language)
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._receivers)
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{message_id}@{self._sender.rpartition('@')[2]}>"
        # RFC 3834: nobody's out-of-office reply is wanted.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        try:
            with self._server.connect() as connection:
                refused = connection.send_message(message)
        except smtplib.SMTPResponseException as fault:
            raise Undelivered(f"code {fault.smtp_code}") from None
        except UnicodeError as fault:  # a host's name may be none
            raise Undelivered(type(fault).__name__) from None
        if refused:
            # Trying again would send it once more to those who have it.
            _LOG.warning("receivers of mails refused", extra=fields(channel=self._name, refused=len(refused)))
