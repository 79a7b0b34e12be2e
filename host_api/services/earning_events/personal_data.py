"""What is held of a member: events, texts, answers and visits, for export and erasing."""

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue
from sqlalchemy import delete, func, select, update

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.earning_events.reviews.models import Review, ReviewReport
from host_api.services.earning_events.surveys import logic as surveys
from host_api.services.earning_events.telling.models import EarningEvent
from host_api.services.earning_events.telling.schemas import EventState
from host_api.services.earning_events.visits.logic import visits_of
from host_api.services.earning_events.visits.models import Visit

_MOST: Final = 10_000
_OPEN: Final = (
    EventState.WAITING,
    EventState.QUEUED,
    EventState.SENT,
    EventState.DOUBTFUL,
    EventState.TAKING_BACK,
)


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    events = await session.scalars(
        select(EarningEvent)
        .where(EarningEvent.member_id == member_id)
        .order_by(EarningEvent.id.desc())
        .limit(_MOST)
    )
    reviews = await _reviews(session, member_id)
    answers = await surveys.answers_of(session, member_id)
    parts: dict[str, list[JsonValue]] = {
        "events": [
            {
                "reference": event.reference,
                "occurred_at": event.occurred_at.isoformat(),
                "attributes": dict(event.attributes),
                "state": event.state,
                "points": event.points,
                "rrn": event.rrn,
            }
            for event in events
        ],
        "reviews": [
            {
                "about": f"{review.subject_kind} {review.subject}",
                "text": review.text,
                "stars": review.stars,
                "state": review.state,
                "written_at": review.written_at.isoformat(),
                "reason": review.reason,
            }
            for review in reviews
        ],
        "reports": [
            {"review": report.review_id, "reason": report.reason, "at": report.reported_at.isoformat()}
            for report in await _reports(session, member_id)
        ],
        "surveys": [{"survey": one.survey_id} for one in await surveys.participations_of(session, member_id)],
        "answers": [{"survey": answer.survey_id, "answers": dict(answer.answers)} for answer in answers],
        "visits": [
            {
                "branch": visit.branch_id,
                "way": visit.way,
                "distance_m": visit.distance_m,
                "visited_at": visit.visited_at.isoformat(),
            }
            for visit in await visits_of(session, member_id, _MOST)
        ],
    }
    return {name: listed for name, listed in parts.items() if listed}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    reviews = await _reviews(session, member_id)
    for review in reviews:
        await session.delete(review)
    reports = await _reports(session, member_id)
    for report in reports:
        await session.delete(report)
    await surveys.forget_answers(session, member_id)
    await session.execute(delete(Visit).where(Visit.member_id == member_id))
    await session.execute(
        update(EarningEvent)
        .where(EarningEvent.member_id == member_id)
        .values(attributes={})
        .execution_options(synchronize_session=False)
    )
    return [*reviews, *reports]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = select(func.count(EarningEvent.id)).where(
        EarningEvent.member_id == member_id, EarningEvent.state.in_(_OPEN)
    )
    if not await session.scalar(is_open):
        return []
    return [
        Hindrance(
            "earning-events-open",
            "Events that earn wait for a decision, the switch or their taking back",
            "رویدادهایی در انتظار تصمیم، پاسخ سوئیچ یا پس گرفتن است.",
        )
    ]


async def _reviews(session: AnySession, member_id: int) -> list[Review]:
    return list(await session.scalars(select(Review).where(Review.member_id == member_id).limit(_MOST)))


async def _reports(session: AnySession, member_id: int) -> list[ReviewReport]:
    return list(
        await session.scalars(select(ReviewReport).where(ReviewReport.member_id == member_id).limit(_MOST))
    )


PERSONAL_DATA = PersonalData(
    name="earning_events",
    title="Events, reviews, surveys and visits",
    title_fa="رویدادها، نظرها، نظرسنجی‌ها و بازدیدها",
    kept="Events without attributes, whose transactions stand in the journal; that a survey was answered.",
    kept_fa="رویدادها بدون ویژگی‌هایشان که تراکنششان در دفتر است؛ و این که به نظرسنجی پاسخ داده شده است.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
