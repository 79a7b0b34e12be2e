"""Setting gateways up, and opening the active ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.services.messages.gateways.listing import MessageGatewayQuery
from host_api.services.messages.gateways.models import SECRET, MessageGateway
from host_api.services.messages.gateways.schemas import (
    GatewaySettings,
    MessageGatewayCreate,
    MessageGatewayRead,
    MessageGatewayUpdate,
    SmppSettings,
    SmsRestSettings,
    SmtpSettings,
    channel_of,
)
from host_api.services.messages.states import Channel

if TYPE_CHECKING:
    from host_api.services.messages.gateways.adapter import Adapter

_SETTINGS: TypeAdapter[SmsRestSettings | SmppSettings | SmtpSettings] = TypeAdapter(GatewaySettings)


class MessageGatewayNotFound(Problem):
    """No gateway has this id."""

    status = 404
    code = "message-gateway-not-found"
    title = "Gateway not found"
    title_fa = "درگاه پیام پیدا نشد"
    detail = "There is no gateway with this id."
    detail_fa = "درگاهی با این شناسه وجود ندارد."


async def create(
    session: WriteSession, cipher: FieldCipher, wanted: MessageGatewayCreate
) -> tuple[MessageGatewayRead, str]:
    """Set a gateway up; it and its ETag."""
    channel = channel_of(wanted.settings)
    row = MessageGateway(
        channel=channel.value,
        name=wanted.name,
        settings=wanted.settings.model_dump(mode="json"),
        rials_per_part=wanted.rials_per_part,
        is_active=False,
        created_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    SECRET.seal(cipher, row, wanted.secret)
    await session.flush()
    if wanted.is_active:
        await _activate(session, row)
    return _read(row), etag(row)


async def change(
    session: WriteSession, cipher: FieldCipher, gateway_id: int, wanted: MessageGatewayUpdate, if_match: str
) -> tuple[MessageGatewayRead, str]:
    """Change a gateway; it and its ETag.

    Raises:
        MessageGatewayNotFound, ChangedMeanwhile
    """
    row = await session.get(MessageGateway, gateway_id, with_for_update=True)
    if row is None:
        raise MessageGatewayNotFound
    check_version(row, if_match)
    row.name = row.name if wanted.name is None else wanted.name
    row.rials_per_part = row.rials_per_part if wanted.rials_per_part is None else wanted.rials_per_part
    if wanted.secret is not None:
        SECRET.seal(cipher, row, wanted.secret)
    if wanted.is_active is False:
        row.is_active = False
    await session.flush()
    if wanted.is_active and not row.is_active:
        await _activate(session, row)
    return _read(row), etag(row)


async def read(session: AnySession, gateway_id: int) -> tuple[MessageGatewayRead, str]:
    """A gateway, and its ETag.

    Raises:
        MessageGatewayNotFound
    """
    row = await session.get(MessageGateway, gateway_id)
    if row is None:
        raise MessageGatewayNotFound
    return _read(row), etag(row)


async def read_page(session: ReadSession, query: MessageGatewayQuery) -> Page[MessageGatewayRead]:
    """A page of gateways."""
    rows, next_cursor = await read_rows(session, select(MessageGateway), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def active(session: AnySession) -> dict[Channel, MessageGateway]:
    """The active gateway of each channel that has one."""
    rows = await session.scalars(select(MessageGateway).where(MessageGateway.is_active))
    return {Channel(row.channel): row for row in rows}


def opened(policy: AddressPolicy, cipher: FieldCipher, row: MessageGateway) -> "Adapter":
    """The adapter of a gateway; nothing connects yet.

    Raises:
        SealFault: its secret can't be opened.
    """
    # Clients are slow to import, and many programmes have no gateway.
    from host_api.services.messages.gateways.smpp import Smpp  # noqa: PLC0415
    from host_api.services.messages.gateways.sms_rest import SmsRest  # noqa: PLC0415
    from host_api.services.messages.gateways.smtp import Smtp  # noqa: PLC0415

    settings, secret = _SETTINGS.validate_python(row.settings), SECRET.open(cipher, row)
    match settings:
        case SmsRestSettings():
            return SmsRest(policy, settings.url, secret or "", settings.sender)
        case SmppSettings():
            return Smpp(policy, settings, secret or "")
        case SmtpSettings():
            return Smtp(policy, settings, secret)


def prices(gateways: Mapping[Channel, MessageGateway]) -> dict[Channel, int]:
    """What a part costs by channel."""
    return {channel: row.rials_per_part for channel, row in gateways.items()}


async def _activate(session: WriteSession, row: MessageGateway) -> None:
    """The others of its channel give way; each is locked, so that of two at once one stays."""
    others = await session.scalars(
        select(MessageGateway)
        .where(MessageGateway.channel == row.channel)
        .order_by(MessageGateway.id)
        .with_for_update()
    )
    for other in others:
        if other.id != row.id:
            other.is_active = False
    row.is_active = True
    await session.flush()


def _read(row: MessageGateway) -> MessageGatewayRead:
    return MessageGatewayRead(
        id=row.id,
        channel=Channel(row.channel),
        name=row.name,
        settings=_SETTINGS.validate_python(row.settings),
        has_secret=row.secret_sealed is not None,
        rials_per_part=row.rials_per_part,
        is_active=row.is_active,
        created_at=row.created_at,
    )
