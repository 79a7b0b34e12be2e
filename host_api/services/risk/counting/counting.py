"""Counts sights under all limits, in the transaction of whoever tells them, and raises alerts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from sqlalchemy import delete, select

from host_api.core.database import WriteSession
from host_api.services.risk.alerts.raising import note_again, raise_alert
from host_api.services.risk.counting.models import RiskCounter
from host_api.services.risk.counting.sight import Sight, subject_of
from host_api.services.risk.counting.window import Counter, LimitRule, count, counts
from host_api.services.risk.limits.models import RiskLimit

_SUBJECTS_AT_ONCE: Final = 500

Key = tuple[int, str]


async def count_sights(
    session: WriteSession,
    limits: Mapping[int, RiskLimit],
    rules: Sequence[LimitRule],
    sights: Sequence[Sight],
    *,
    is_told: bool = False,
) -> list[int]:
    """Move the counters; the ids of limits that were passed, in order.

    Parameters:
        is_told: alerts of these sights were raised before, or never are to be.
    """
    moves = [
        (rule, subject, sight)
        for sight in sights
        for rule in rules
        if counts(rule, sight) and (subject := subject_of(rule.per, sight)) is not None
    ]
    rows = await _rows(session, {(rule.id, subject) for rule, subject, _ in moves})
    counters = {key: Counter.of(row.state) for key, row in rows.items()}
    passed: list[int] = []
    for rule, subject, sight in moves:
        counter = counters.setdefault((rule.id, subject), Counter())
        value = count(rule, counter, sight)
        if value is None:
            continue
        passed.append(rule.id)
        if sight.at_ms >= counter.quiet_until_ms:
            counter.quiet_until_ms = sight.at_ms + rule.window_ms
            alert = None if is_told else await raise_alert(session, limits[rule.id], subject, sight, value)
            counter.alert_id = None if alert is None else alert.id
        elif counter.alert_id is not None and not is_told:
            await note_again(session, counter.alert_id, sight, value)
    windows = {rule.id: rule.window_ms for rule in rules}
    for (limit_id, subject), counter in counters.items():
        row, until_ms = rows.get((limit_id, subject)), counter.until_ms(windows[limit_id])
        if row is None and until_ms:
            session.add(
                RiskCounter(limit_id=limit_id, subject=subject, state=counter.state(), until_ms=until_ms)
            )
        elif row is not None:
            row.state, row.until_ms = counter.state(), until_ms
    await session.flush()
    return passed


async def forget_counters(session: WriteSession, limit_ids: Iterable[int], before_ms: int) -> None:
    """Delete those counters of some limits of which nothing counts any more."""
    await session.execute(
        delete(RiskCounter)
        .where(RiskCounter.limit_id.in_(list(limit_ids)), RiskCounter.until_ms < before_ms)
        .execution_options(synchronize_session=False)
    )


async def _rows(session: WriteSession, keys: Iterable[Key]) -> dict[Key, RiskCounter]:
    by_limit: dict[int, set[str]] = {}
    for limit_id, subject in keys:
        by_limit.setdefault(limit_id, set()).add(subject)
    found: dict[Key, RiskCounter] = {}
    for limit_id, subjects in sorted(by_limit.items()):
        for some in _chunks(sorted(subjects)):
            rows = await session.scalars(
                select(RiskCounter)
                .where(RiskCounter.limit_id == limit_id, RiskCounter.subject.in_(some))
                .with_for_update()
            )
            found |= {(row.limit_id, row.subject): row for row in rows}
    return found


def _chunks(subjects: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(subjects)
    while chunk := list(islice(iterator, _SUBJECTS_AT_ONCE)):
        yield chunk
