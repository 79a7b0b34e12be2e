"""Writes faults down: the same one once, with a count, and every time it was seen, within bounds."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.services.fault_finder.kinds import FaultKind
from host_api.services.fault_finder.models import Fault, FaultSighting

# What is looked for anew each time must be far less than what is kept, or old ones would count again.
MOST_SIGHTINGS: Final = 1000
KEEP_SIGHTINGS: Final = timedelta(days=30)
KEEP_FAULTS: Final = timedelta(days=90)

_NO_SYNC: Final = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fault that was seen.

    Parameters:
        reference: names it among those of the same fault: seen twice, it counts once.
        place, cause: names of code, codes and the like; no person's data.
    """

    kind: FaultKind
    place: str
    cause: str
    at: datetime
    reference: str
    request_id: str | None = None
    rrn: str | None = None
    terminal_id: str | None = None

    @property
    def fingerprint(self) -> str:
        """What makes a fault the same."""
        text = "\0".join((self.kind.value, self.place, self.cause))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


async def record(session: WriteSession, sightings: Iterable[Sighting]) -> int:
    """Write sightings down; how many of them are new."""
    by_fingerprint: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_fingerprint.setdefault(sighting.fingerprint, []).append(sighting)
    count = 0
    for fingerprint in sorted(by_fingerprint):
        count += await _record_one(session, fingerprint, by_fingerprint[fingerprint])
    return count


async def forget(session: WriteSession, now: datetime, limit: int) -> int:
    """Delete up to `limit` sightings and faults that were kept long enough; how many."""
    old = select(FaultSighting.id).where(FaultSighting.at < now - KEEP_SIGHTINGS).limit(limit)
    ids = list(await session.scalars(old))
    await session.execute(
        delete(FaultSighting).where(FaultSighting.id.in_(ids)).execution_options(**_NO_SYNC)
    )
    faults = list(
        await session.scalars(select(Fault.id).where(Fault.last_seen_at < now - KEEP_FAULTS).limit(limit))
    )
    await session.execute(
        delete(FaultSighting).where(FaultSighting.fault_id.in_(faults)).execution_options(**_NO_SYNC)
    )
    await session.execute(delete(Fault).where(Fault.id.in_(faults)).execution_options(**_NO_SYNC))
    return len(ids) + len(faults)


async def _record_one(session: WriteSession, fingerprint: str, seen: Sequence[Sighting]) -> int:
    fault = await _fault(session, fingerprint, seen)
    new = await _insert(session, fault.id, seen)
    if new:
        fault.count += len(new)
        fault.last_seen_at = max(fault.last_seen_at, *(sighting.at for sighting in new))
        fault.first_seen_at = min(fault.first_seen_at, *(sighting.at for sighting in new))
        fault.is_open = True
        await session.flush()
        await _keep_latest(session, fault.id)
    return len(new)


async def _fault(session: WriteSession, fingerprint: str, seen: Sequence[Sighting]) -> Fault:
    """The fault's row, kept from other writers until the transaction ends."""
    first = min(seen, key=lambda sighting: sighting.at)
    statement = _insert_into(session, Fault).values(
        programme_id=programme_of(session.sync_session),
        fingerprint=fingerprint,
        kind=first.kind.value,
        place=first.place,
        cause=first.cause,
        count=0,
        first_seen_at=first.at,
        last_seen_at=first.at,
        is_open=True,
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["programme_id", "fingerprint"]))
    return (
        await session.scalars(select(Fault).where(Fault.fingerprint == fingerprint).with_for_update())
    ).one()


async def _insert(session: WriteSession, fault_id: int, seen: Sequence[Sighting]) -> list[Sighting]:
    """Those of `seen` that were not there."""
    references = [sighting.reference for sighting in seen]
    known = set(
        await session.scalars(
            select(FaultSighting.reference).where(
                FaultSighting.fault_id == fault_id, FaultSighting.reference.in_(references)
            )
        )
    )
    new = {sighting.reference: sighting for sighting in seen if sighting.reference not in known}
    session.add_all(
        FaultSighting(
            fault_id=fault_id,
            reference=sighting.reference,
            at=sighting.at,
            request_id=sighting.request_id,
            rrn=sighting.rrn,
            terminal_id=sighting.terminal_id,
        )
        for sighting in new.values()
    )
    await session.flush()
    return list(new.values())


async def _keep_latest(session: WriteSession, fault_id: int) -> None:
    mine = FaultSighting.fault_id == fault_id
    count = await session.scalar(select(func.count()).select_from(FaultSighting).where(mine)) or 0
    if count <= MOST_SIGHTINGS:
        return
    oldest = select(FaultSighting.id).where(mine).order_by(FaultSighting.id).limit(count - MOST_SIGHTINGS)
    ids = list(await session.scalars(oldest))
    await session.execute(
        delete(FaultSighting).where(FaultSighting.id.in_(ids)).execution_options(**_NO_SYNC)
    )


def _insert_into(session: WriteSession, table: type[Fault]) -> "sqlite.Insert | postgresql.Insert":
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)
