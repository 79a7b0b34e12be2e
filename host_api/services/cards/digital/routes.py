"""Endpoints of codes that stand for a card."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.digital import logic
from host_api.services.cards.digital.images import MEDIA_TYPES, ImageForm, Symbology, draw
from host_api.services.cards.digital.problems import (
    CardNotUsable,
    CodeNotFound,
    NotDigital,
    PhoneTaken,
    PhoneWanted,
)
from host_api.services.cards.digital.schemas import (
    CodeLookup,
    LookupRead,
    MomentCodeRead,
    PhoneCardRead,
    StaticCodeRead,
)
from host_api.services.cards.problems import CardNotFound
from host_api.services.members.logic import MemberNotFound

router = APIRouter(tags=["digital cards"], route_class=ServiceRoute)

# Who may show a code could as well make one.
Showing = Annotated[ReadWork, reads(access.USE_DIGITAL)]
Making = Annotated[WriteWork, writes(access.USE_DIGITAL)]
LookingUp = Annotated[ReadWork, reads(access.READ)]
Form = Annotated[ImageForm, Query()]

_IMAGE: Final[dict[int | str, dict[str, object]]] = {
    200: {
        "description": "The image.",
        "content": {
            name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES.values()
        },
    }
}


@router.post("/cards/lookup", summary="Look a code up", responses=problem_responses(CodeNotFound))
async def look_code_up(work: LookingUp, wanted: CodeLookup) -> LookupRead:
    """Whose card it is: by its number, what a scanner has read, or a phone number that serves as a card."""
    return await logic.look_up(work.session, work.cipher, wanted.code)


@router.post(
    "/cards/{card_id}/moment-codes",
    status_code=201,
    summary="Make a code for a screen",
    responses=problem_responses(CardNotFound, CardNotUsable, NotDigital),
)
async def make_moment_code(response: Response, work: Making, card_id: IdInPath) -> MomentCodeRead:
    """A code that terminals take for the card until it expires, or the next one is made."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.make_moment_code(work.session, work.cipher, card_id)


@router.get(
    "/cards/{card_id}/moment-codes/{code_id}/image",
    summary="Show a code for a screen",
    response_class=Response,
    responses={**problem_responses(CodeNotFound), **_IMAGE},
)
async def show_moment_code(
    work: Showing, card_id: IdInPath, code_id: IdInPath, form: Form = ImageForm.SVG
) -> Response:
    """The QR code of a live code."""
    payload = await logic.moment_payload(work.session, work.cipher, card_id, code_id)
    return _image(payload, Symbology.QR, form)


@router.post(
    "/cards/{card_id}/static-code",
    status_code=201,
    summary="Make a card's lasting code",
    responses=problem_responses(CardNotFound, CardNotUsable, NotDigital, CodeNotFound),
)
async def make_static_code(response: Response, work: Making, card_id: IdInPath) -> StaticCodeRead:
    """The code that stands on the card, as its product has it: QR, Code 128, or an EAN-13 of its own."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.make_static_code(work.session, work.cipher, card_id)


@router.get(
    "/cards/{card_id}/static-code/image",
    summary="Show a card's lasting code",
    response_class=Response,
    responses={**problem_responses(CardNotFound, NotDigital, CodeNotFound), **_IMAGE},
)
async def show_static_code(work: Showing, card_id: IdInPath, form: Form = ImageForm.SVG) -> Response:
    """The image of the code that stands on the card."""
    symbology, payload = await logic.static_payload(work.session, work.cipher, card_id)
    return _image(payload, symbology, form)


@router.put(
    "/members/{member_id}/phone-card",
    summary="Let a phone number serve as a card",
    responses=problem_responses(MemberNotFound, PhoneWanted, PhoneTaken),
)
async def make_phone_card(work: Making, member_id: IdInPath) -> PhoneCardRead:
    """Terminals take the member's mobile number for a card from now on."""
    return await logic.make_phone_card(work.session, work.cipher, member_id)


@router.delete(
    "/members/{member_id}/phone-card",
    status_code=204,
    summary="End a phone number's service as a card",
    responses=problem_responses(CodeNotFound),
)
async def end_phone_card(work: Making, member_id: IdInPath) -> None:
    """Terminals don't know the number any more."""
    await logic.end_phone_card(work.session, work.cipher, member_id)


def _image(payload: str, symbology: Symbology, form: ImageForm) -> Response:
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(draw(payload, symbology, form), media_type=MEDIA_TYPES[form], headers=headers)
