"""Prizes and awards as the API shows them."""

from datetime import datetime

from host_api.core.clock import utc_now
from host_api.services.prizes.models import Prize, PrizeAward
from host_api.services.prizes.schemas import AwardRead, AwardState, PrizeKind, PrizeRead


def state_of(row: PrizeAward, now: datetime) -> AwardState:
    """Where an award stands: its time may be over before the job has seen it."""
    state = AwardState(row.state)
    if state is AwardState.WAITING and row.claim_until is not None and row.claim_until <= now:
        return AwardState.EXPIRED
    return state


def shown(prize: Prize) -> PrizeRead:
    """A prize as the API shows it."""
    return PrizeRead(
        id=prize.id,
        kind=PrizeKind(prize.kind),
        title=prize.title,
        title_fa=prize.title_fa,
        purse=prize.purse,
        units=prize.units,
        valid_days=prize.valid_days,
        pool_id=prize.pool_id,
        claim_days=prize.claim_days,
        value=prize.value,
        stock=prize.stock,
        is_open=prize.is_open,
        created_at=prize.created_at,
    )


def read_award(row: PrizeAward) -> AwardRead:
    """An award as the API shows it."""
    return AwardRead(
        id=row.id,
        prize_id=row.prize_id,
        member_id=row.member_id,
        service=row.service,
        reference=row.reference,
        kind=PrizeKind(row.kind),
        quantity=row.quantity,
        state=state_of(row, utc_now()),
        code_ids=row.code_ids or [],
        claim_until=row.claim_until,
        response_code=row.response_code,
        rrn=row.rrn,
        handed_over_by=row.handed_over_by,
        awarded_at=row.awarded_at,
        finished_at=row.finished_at,
    )
