"""Which reply belongs to which request: the fields that are compared, for each message type."""

from collections.abc import Mapping
from typing import Final

from protocol.message import Message

# STAN, terminal, transmission time. Every response of the dialect echoes them.
DEFAULT_KEY_FIELDS: Final = (11, 41, 7)

CorrelationKey = tuple[str, ...]


class Correlation:
    """Keys of requests and replies; `fields_by_type` names the fields of request types, as "0200"."""

    def __init__(self, fields_by_type: Mapping[str, tuple[int, ...]]) -> None:
        self._fields_by_type = dict(fields_by_type)

    def key(self, message: Message) -> CorrelationKey:
        """The same for a request, its repeats and its reply. Raises KeyError or TypeError where a field
        lacks or is no text."""
        request_type = f"{message.mti[:2]}{int(message.mti[2]) & ~1}0"
        fields = self._fields_by_type.get(request_type, DEFAULT_KEY_FIELDS)
        return (request_type, *[message.text(number) for number in fields])
