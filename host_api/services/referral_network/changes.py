"""The feed of changes: what happened in the network, the latest first."""

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.services.referral_network.listing import ChangeQuery
from host_api.services.referral_network.models import NetworkChange
from host_api.services.referral_network.schemas import NetworkChangeKind, NetworkChangeRead


def note(
    session: WriteSession,
    kind: NetworkChangeKind,
    member_id: int,
    *,
    by_name: str,
    other_member_id: int | None = None,
    units: int | None = None,
    reason: str | None = None,
) -> None:
    """Put a change into the feed.

    Parameters:
        other_member_id: the introducer, or the record that a merged one went into.
    """
    session.add(
        NetworkChange(
            at=utc_now(),
            kind=kind.value,
            member_id=member_id,
            other_member_id=other_member_id,
            units=units,
            by_name=by_name,
            reason=reason,
        )
    )


async def read_page(session: ReadSession, query: ChangeQuery) -> Page[NetworkChangeRead]:
    """A page of the feed."""
    rows, next_cursor = await read_rows(session, select(NetworkChange), query)
    return Page(
        items=[NetworkChangeRead.model_validate(row, from_attributes=True) for row in rows],
        next_cursor=next_cursor,
    )
