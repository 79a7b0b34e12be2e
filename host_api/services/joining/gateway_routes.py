"""Endpoint of the SMS gateway for messages that come in."""

from typing import Annotated

from fastapi import APIRouter

from host_api.core.idempotency import ServiceRoute
from host_api.core.work import WriteWork, writes
from host_api.services.joining import sms
from host_api.services.joining.schemas import SmsCreate, SmsOutcome
from host_api.services.messages.access import GATEWAY_WRITE

router = APIRouter(prefix="/joining", tags=["joining"], route_class=ServiceRoute)

Writing = Annotated[WriteWork, writes(GATEWAY_WRITE)]


@router.post("/sms", status_code=201, summary="Tell of a message that came in")
async def receive_sms(work: Writing, wanted: SmsCreate) -> SmsOutcome:
    """A policy's keyword joins its sender; STOP and لغو, START and شروع, BALANCE and مانده are words of every
    club. Told again, it changes nothing."""
    return await sms.receive(work.session, work.cipher, work.caller, wanted)
