"""The message that tells a webhook of an event: the same bytes and the same id at every attempt."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from host_api.core.encryption.envelope import SealFault, SealFaultReason
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.models import Event
from host_api.services.events.logic import read_of
from host_api.services.webhooks.models import HEADERS, OLD_SECRET, SECRET, Webhook
from host_api.services.webhooks.outcome import Outgoing
from host_api.services.webhooks.signature import signature_headers

_USER_AGENT = "vafa-webhooks/1"


@dataclass(frozen=True, slots=True)
class Message:
    """A message and the secrets that sign it at each attempt; never shown by `repr`."""

    url: str = field(repr=False)
    message_id: str
    body: bytes = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(repr=False)
    secret_texts: Sequence[str] = field(repr=False)

    def outgoing(self, timestamp_s: int) -> Outgoing:
        """The message signed at an instant, epoch seconds."""
        signed = signature_headers(self.secret_texts, self.message_id, timestamp_s, self.body)
        own = {"content-type": "application/json", "user-agent": _USER_AGENT, **signed}
        return Outgoing(self.url, (*self.headers, *own.items()), self.body)


def message_of(webhook: Webhook, event: Event, cipher: FieldCipher, now: datetime) -> Message:
    """The message for `webhook` of a published event.

    Raises:
        SealFault: the webhook's secrets can't be opened.
    """
    secret = SECRET.open(cipher, webhook)
    if secret is None:
        raise SealFault(SealFaultReason.DAMAGED)
    secret_texts = [secret]
    if webhook.old_secret_until is not None and now < webhook.old_secret_until:
        old = OLD_SECRET.open(cipher, webhook)
        secret_texts += [] if old is None else [old]
    headers: dict[str, str] = json.loads(HEADERS.open(cipher, webhook) or "{}")
    body = read_of(event).model_dump_json().encode()
    return Message(webhook.url, event.message_id, body, tuple(headers.items()), tuple(secret_texts))
