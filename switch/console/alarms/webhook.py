"""Messages to an address of HTTP, signed by Standard Webhooks 1.0.0 (standardwebhooks.com), symmetric scheme:
HMAC-SHA-256 over ``id.timestamp.body``."""

import base64
import binascii
import hmac
import http.client
import json
import ssl
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult

from switch.console.alarms.courier import Undelivered
from switch.console.alarms.grouping import Group
from switch.console.alarms.wording import Wording

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  (no secret)
_SECRET_BYTES: Final = range(24, 65)
_TIMEOUT_S: Final = 10.0


def read_webhook_secret(text: str) -> bytes | None:
    """A secret as receivers have it; None where it is none."""
    try:
        found = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) in _SECRET_BYTES else None


def signature_headers(secret: bytes, message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """The three headers that go with `body`.

    Parameters:
        timestamp_s: of this try, since 1970.
    """
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": f"v1,{signature}",
    }


class Webhook:
    """A receiver by HTTP. Any answer of 200 to 299 means that it has taken the message; none is followed
    elsewhere."""

    def __init__(
        self,
        name: str,
        address: SplitResult,
        wording: Wording,
        *,
        secret: bytes,
        context: ssl.SSLContext | None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """`context` is for https."""
        self._name = name
        self._address = address
        self._secret = secret
        self._wording = wording
        self._context = context
        self._now_s = now_s

    @property
    def name(self) -> str:
        """For logs and the console."""
        return self._name

    def deliver(self, group: Group, message_id: str) -> None:
        """POST it. Raises Undelivered, OSError."""
        timestamp_s = int(self._now_s())
        document = self._wording.document(group, timestamp_s)
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "vafa-switch",
            "Connection": "close",
            **signature_headers(self._secret, message_id, timestamp_s, body),
        }
        address = self._address
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection = self._connection()
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        except (http.client.HTTPException, UnicodeError) as fault:  # a host's name may be none
            raise Undelivered(type(fault).__name__) from None
        finally:
            connection.close()
        if status not in range(200, 300):
            raise Undelivered(f"status {status}")

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._context is None:
            return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
        return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=self._context)
