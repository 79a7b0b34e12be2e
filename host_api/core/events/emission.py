"""Emits events, in the transaction of the change that they tell of: both are there, or neither."""

import secrets
from dataclasses import dataclass

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.events.event_type import EventType, PayloadT
from host_api.core.events.models import SUBJECT_KIND_MAX, UNPUBLISHED, Event
from host_api.core.waking import Worker, makes_work_for

_MESSAGE_ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: the kind of record and its id, as the API knows them."""

    kind: str
    id: int | str

    def __post_init__(self) -> None:
        """Raises ValueError for a kind that no database has room for."""
        if len(self.kind) > SUBJECT_KIND_MAX:
            raise ValueError(f"a kind of subject has at most {SUBJECT_KIND_MAX} characters")


def emit(
    session: WriteSession,
    event_type: EventType[PayloadT],
    subject: Subject,
    payload: PayloadT,
    *,
    only_webhook_id: int | None = None,
) -> Event:
    """Write an event down; it is published once the session's transaction is committed.

    Parameters:
        only_webhook_id: the one webhook that is to hear of it; None for all that ask for its type.

    Raises:
        TypeError: the payload is not of the type's model.
    """
    if not isinstance(payload, event_type.payload):
        raise TypeError(f"{event_type.name} has another payload")
    event = Event(
        # Random, so that a database restored from a copy never gives two events one id.
        message_id=f"evt_{secrets.token_hex(_MESSAGE_ID_BYTES)}",
        sequence=UNPUBLISHED,
        at=utc_now(),
        type=event_type.name,
        type_version=event_type.version,
        subject_kind=subject.kind,
        subject_id=str(subject.id),
        payload=payload.model_dump(mode="json"),
        only_webhook_id=only_webhook_id,
    )
    session.add(event)
    makes_work_for(session, Worker.EVENTS)
    return event
