"""Endpoints of alerts, what is done about them, and how right they were."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards.lifecycle.change import TransitionNotAllowed
from host_api.services.cards.problems import CardNotFound
from host_api.services.operators.logic import OperatorNotFound
from host_api.services.risk import access, problems
from host_api.services.risk.alerts import acts, figures, logic
from host_api.services.risk.alerts.listing import (
    RiskActQuery,
    RiskAlertExportQuery,
    RiskAlertQuery,
    RiskMissQuery,
)
from host_api.services.risk.alerts.schemas import (
    RiskActCreate,
    RiskActRead,
    RiskAlertFeedback,
    RiskAlertRead,
    RiskAlertWithActs,
    RiskFiguresRead,
    RiskMissCreate,
    RiskMissRead,
)
from host_api.services.risk.alerts.stream import LONGEST_S, MEDIA_TYPE, STREAMS
from host_api.services.risk.period import period_of
from host_api.services.terminals.logic import TerminalNotFound, TerminalRetired

router = APIRouter(prefix="/risk", tags=["risk"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_STANDS_AGAINST = (
    CardNotFound,
    TransitionNotAllowed,
    TerminalNotFound,
    TerminalRetired,
    OperatorNotFound,
    ChangedMeanwhile,
)
_COLUMNS: Final = (
    ("id", "Alert", "شناسه"),
    ("limit_id", "Limit", "حد"),
    ("severity", "RiskSeverity", "شدت"),
    ("state", "State", "وضعیت"),
    ("subject", "Subject", "موضوع"),
    ("value", "Value", "مقدار"),
    ("most", "Limit's value", "سقف"),
    ("times", "Times", "دفعات"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("terminal_id", "Terminal", "پایانه"),
    ("merchant_id", "Merchant", "پذیرنده"),
    ("operator_id", "Operator", "اپراتور"),
    ("first_at", "First at", "نخستین بار"),
    ("last_at", "Last at", "آخرین بار"),
    ("decided_by", "Decided by", "بررسی‌کننده"),
    ("decided_at", "Decided at", "زمان بررسی"),
)
add_export(
    router,
    list_export("alerts", RiskAlertExportQuery, _COLUMNS, logic.read_after),
    RiskAlertExportQuery,
    access.READ,
)


@router.get("/alerts", summary="List risk alerts")
async def list_alerts(work: Reading, query: Annotated[RiskAlertQuery, Query()]) -> Page[RiskAlertRead]:
    """The inbox, the latest first; `state=open` is what nobody has looked at."""
    return await logic.read_page(work.session, query)


@router.get(
    "/alerts/stream",
    summary="Follow risk alerts",
    response_class=StreamingResponse,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "Server-sent events"},
        **problem_responses(problems.TooManyStreams),
    },
)
async def stream_alerts(
    request: Request,
    work: Reading,
    wait_s: Annotated[
        int, Query(ge=0, le=LONGEST_S, description="So many seconds the stream stays open for new alerts.")
    ] = 0,
    last_event_id: Annotated[
        int | None,
        Header(
            alias="Last-Event-ID",
            ge=0,
            le=LARGEST_ID,
            description="Alerts behind this one; left out, new ones.",
        ),
    ] = None,
) -> StreamingResponse:
    """Each alert as it is raised, as an event `alert` whose data is the alert. When the answer ends, ask
    again with the id of the last event, as browsers do by themselves."""
    database = runtime_of(request).database
    events = STREAMS.follow(database, work.caller.programme_id, last_event_id, wait_s)
    return StreamingResponse(
        events, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


@router.get(
    "/alerts/{alert_id}", summary="Read a risk alert", responses=problem_responses(problems.AlertNotFound)
)
async def read_alert(work: Reading, alert_id: IdInPath) -> RiskAlertWithActs:
    """One alert, and what was done about it."""
    return await logic.read(work.session, alert_id)


@router.post(
    "/alerts/{alert_id}/feedback",
    status_code=201,
    summary="Tell whether a risk alert was right",
    responses=problem_responses(problems.AlertNotFound, problems.AlertDecided),
)
async def decide_alert(work: Writing, alert_id: IdInPath, wanted: RiskAlertFeedback) -> RiskAlertWithActs:
    """Once. A false positive releases the card that was held for the review; a block stays until two persons
    lift it."""
    return await logic.decide(work.session, work.cipher, work.caller, alert_id, wanted)


@router.post(
    "/alerts/{alert_id}/acts",
    status_code=201,
    summary="Act on a risk alert",
    responses=problem_responses(problems.AlertNotFound, problems.NothingToAct, *_STANDS_AGAINST),
)
async def act_on_alert(work: Writing, alert_id: IdInPath, wanted: RiskActCreate) -> RiskActRead:
    """A block is done at once, and reaches the switch with the next record; lifting one waits for a second
    person."""
    return await logic.act(work.session, work.cipher, work.caller, alert_id, wanted.kind)


@router.get("/acts", summary="List acts on risk alerts")
async def list_acts(work: Reading, query: Annotated[RiskActQuery, Query()]) -> Page[RiskActRead]:
    """The latest first; `state=asked` are those to be decided, `state=failed` those for a person."""
    return await logic.read_acts(work.session, query)


@router.post(
    "/acts/{act_id}/approval",
    status_code=201,
    summary="Approve an act on a risk alert",
    responses=problem_responses(problems.ActNotFound, AlreadyDecided, OwnAct, *_STANDS_AGAINST),
)
async def approve_act(work: Deciding, act_id: IdInPath) -> RiskActRead:
    """Lift the block that another person has asked to be lifted."""
    return acts.shown(await acts.approve(work.session, work.cipher, work.caller, act_id))


@router.post(
    "/acts/{act_id}/rejection",
    status_code=201,
    summary="Reject an act on a risk alert",
    responses=problem_responses(problems.ActNotFound, AlreadyDecided, OwnAct),
)
async def reject_act(work: Deciding, act_id: IdInPath) -> RiskActRead:
    """The block stays."""
    return acts.shown(await acts.reject(work.session, work.caller, act_id))


@router.post(
    "/acts/{act_id}/cancellation",
    status_code=201,
    summary="Take an act on a risk alert back",
    responses=problem_responses(problems.ActNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_act(work: Writing, act_id: IdInPath) -> RiskActRead:
    """One's own, before it is decided."""
    return acts.shown(await acts.take_back(work.session, work.caller, act_id))


@router.post(
    "/misses",
    status_code=201,
    summary="Report a fraud that was missed",
    responses=problem_responses(problems.LimitNotFound),
)
async def report_miss(work: Writing, wanted: RiskMissCreate) -> RiskMissRead:
    """What no limit has caught; recall is reckoned from it."""
    return await logic.report_miss(work.session, work.caller, wanted)


@router.get("/misses", summary="List frauds that were missed")
async def list_misses(work: Reading, query: Annotated[RiskMissQuery, Query()]) -> Page[RiskMissRead]:
    """The latest first."""
    return await logic.read_misses(work.session, query)


@router.get("/figures", summary="Read how right risk alerts were")
async def read_figures(
    work: Reading,
    begin: Annotated[AwareDatetime | None, Query(description="Left out, 90 days ago.")] = None,
    end: Annotated[AwareDatetime | None, Query(description="Before this instant; left out, now.")] = None,
) -> list[RiskFiguresRead]:
    """Precision and recall by what people have told: of all limits together first, then of each."""
    period = period_of(begin, end)
    return await figures.figures(work.session, period.start, period.end)
