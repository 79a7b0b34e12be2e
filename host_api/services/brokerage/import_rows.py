"""Rows of trades and holdings as files give them, and how they are taken in."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final, NoReturn, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select, tuple_

from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.import_job import import_kind
from host_api.core.bulk.row_numbers import number_new_rows
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jalali import DateFault, parse_date
from host_api.core.jobs.declaration import JobFailed
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits
from host_api.core.short_code import ShortCode
from host_api.core.tehran_time import TEHRAN, start_of_day
from host_api.services.brokerage import access
from host_api.services.brokerage.models import BrokerageSource, Position, TradeReport
from host_api.services.brokerage.schemas import AssetType, TradeReportState, TradeSide

_AT_ONCE: Final = 250
_AHEAD: Final = timedelta(minutes=5)
_DIGEST_BYTES: Final = 16
_YES: Final = frozenset({"1", "true", "yes", "بله", "آری"})
_NO: Final = frozenset({"", "0", "false", "no", "خیر", "نه"})
_WORDS: Final = {
    "خرید": "buy",
    "صدور": "buy",
    "فروش": "sell",
    "ابطال": "sell",
    "سهم": "share",
    "حق تقدم": "right",
    "اوراق بدهی": "bond",
    "واحد صندوق": "fund_unit",
    "اختیار معامله": "option",
    "آتی": "future",
    "کالا": "commodity",
    "سایر": "other",
}


def _number(value: object) -> object:
    return fold_digits(value).replace(",", "") if isinstance(value, str) else value


def _instant(value: object) -> object:
    """A day of either calendar is its beginning in Tehran, and so is a clock's time without an offset."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return start_of_day(value)
    if not isinstance(value, str):
        return value
    text = fold_digits(value).strip()
    try:
        return start_of_day(parse_date(text))
    except DateFault:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return value
    return found if found.tzinfo is not None else found.replace(tzinfo=TEHRAN)


def _flag(value: object) -> object:
    if not isinstance(value, str):
        return value
    word = fold_digits(value).strip().lower()
    return True if word in _YES else False if word in _NO else value


def _word(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    return _WORDS.get(text, text.lower())


Rials = Annotated[int, BeforeValidator(_number), Field(ge=0, le=LARGEST_AMOUNT)]
Quantity = Annotated[int, BeforeValidator(_number), Field(ge=0, le=LARGEST_AMOUNT)]
Symbol = Annotated[str, Field(min_length=1, max_length=24), kept_name(24)]
MemberNumber = Annotated[int, BeforeValidator(_number), Field(ge=1, le=LARGEST_ID)]
Moment = Annotated[AwareDatetime, BeforeValidator(_instant)]


class TradeImportRow(BaseModel):
    """A trade, or a later word on one, as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    source: ShortCode
    reference: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,39}$")
    revision: Annotated[int, BeforeValidator(_number), Field(ge=1, le=999)] = 1
    member_id: MemberNumber
    symbol: Symbol
    asset_type: Annotated[AssetType, BeforeValidator(_word)] = AssetType.SHARE
    side: Annotated[TradeSide, BeforeValidator(_word)]
    traded_at: Moment
    quantity: Quantity
    price_rials: Rials
    turnover_rials: Rials | None = None
    commission_rials: Rials = 0
    is_cancelled: Annotated[bool, BeforeValidator(_flag)] = False

    @model_validator(mode="after")
    def _check_turnover(self) -> Self:
        if self.turnover_rials is None and self.quantity * self.price_rials > LARGEST_AMOUNT:
            raise PydanticCustomError("turnover_too_large", "quantity times price is beyond 12 digits")
        return self

    @property
    def turnover(self) -> int:
        """What the trade was worth, rials: as told, or else quantity times price."""
        return self.quantity * self.price_rials if self.turnover_rials is None else self.turnover_rials


class PositionImportRow(BaseModel):
    """What a member held of a symbol at an instant, as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    source: ShortCode
    member_id: MemberNumber
    symbol: Symbol
    asset_type: Annotated[AssetType, BeforeValidator(_word)] = AssetType.SHARE
    as_of: Moment
    quantity: Quantity
    value_rials: Rials
    cost_rials: Rials | None = None

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        # It would keep all later ones from being seen.
        if self.as_of > utc_now() + _AHEAD:
            raise PydanticCustomError("in_the_future", "as_of lies in the future")
        return self


_TRADE_COLUMNS: Final = (
    ("source", "Source", "منبع"),
    ("reference", "Reference", "شمارهٔ معامله"),
    ("revision", "Revision", "ویرایش"),
    ("member_id", "Member number", "شمارهٔ عضویت"),
    ("symbol", "Symbol", "نماد"),
    ("asset_type", "Type", "نوع"),
    ("side", "Side", "خرید یا فروش"),
    ("traded_at", "Traded at", "زمان معامله"),
    ("quantity", "Quantity", "تعداد"),
    ("price_rials", "Price", "قیمت"),
    ("turnover_rials", "Turnover", "ارزش معامله"),
    ("commission_rials", "Commission", "کارمزد"),
    ("is_cancelled", "Cancelled", "باطل"),
)
_POSITION_COLUMNS: Final = (
    ("source", "Source", "منبع"),
    ("member_id", "Member number", "شمارهٔ عضویت"),
    ("symbol", "Symbol", "نماد"),
    ("asset_type", "Type", "نوع"),
    ("as_of", "As of", "در تاریخ"),
    ("quantity", "Quantity", "تعداد"),
    ("value_rials", "Value", "ارزش"),
    ("cost_rials", "Cost", "بهای تمام‌شده"),
)


def _digest(row: TradeImportRow) -> str:
    """The same for two rows that say the same, however they are written."""
    said = (
        row.member_id,
        row.symbol,
        row.asset_type.value,
        row.side.value,
        row.traded_at.timestamp(),
        row.quantity,
        row.price_rials,
        row.turnover,
        row.commission_rials,
        row.is_cancelled,
    )
    return hashlib.blake2b(repr(said).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _trade_key(row: TradeImportRow) -> str:
    return f"{row.source} {row.reference} {row.revision} {_digest(row)}"


def _position_key(row: PositionImportRow) -> str:
    return f"{row.source} {row.member_id} {int(row.as_of.timestamp() * 1_000_000)} {row.symbol}"


async def _existing_trades(
    session: AnySession, _cipher: FieldCipher, keys: Sequence[str]
) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for first in range(0, len(keys), _AT_ONCE):
        parts = [key.split(" ") for key in keys[first : first + _AT_ONCE]]
        rows = await session.execute(
            select(
                TradeReport.source,
                TradeReport.reference,
                TradeReport.revision,
                TradeReport.digest,
                TradeReport.id,
            ).where(
                tuple_(
                    TradeReport.source, TradeReport.reference, TradeReport.revision, TradeReport.digest
                ).in_(
                    [(source, reference, int(number), digest) for source, reference, number, digest in parts]
                )
            )
        )
        found |= {
            f"{source} {reference} {revision} {digest}": report_id
            for source, reference, revision, digest, report_id in rows
        }
    return found


async def add_trades(session: WriteSession, rows: Sequence[TradeImportRow]) -> list[int]:
    """Take rows of trades in, to be settled; their ids in the same order."""
    now = utc_now()
    reports = [
        TradeReport(
            **row.model_dump(exclude={"turnover_rials", "asset_type", "side"}),
            asset_type=row.asset_type.value,
            side=row.side.value,
            turnover_rials=row.turnover,
            digest=_digest(row),
            told_at=now,
            state=TradeReportState.WAITING.value,
            next_try_at=now,
        )
        for row in rows
    ]
    session.add_all(reports)
    await number_new_rows(session)
    await session.flush()
    return [report.id for report in reports]


async def _existing_positions(
    session: AnySession, _cipher: FieldCipher, keys: Sequence[str]
) -> Mapping[str, int]:
    wanted = set(keys)
    found: dict[str, int] = {}
    for first in range(0, len(keys), _AT_ONCE):
        parts = [key.split(" ", 3) for key in keys[first : first + _AT_ONCE]]
        rows = await session.execute(
            select(Position.source, Position.member_id, Position.as_of, Position.symbol, Position.id).where(
                Position.member_id.in_({int(member) for _, member, _, _ in parts}),
                Position.symbol.in_({symbol for _, _, _, symbol in parts}),
            )
        )
        for source, member_id, as_of, symbol, position_id in rows:
            key = f"{source} {member_id} {int(as_of.timestamp() * 1_000_000)} {symbol}"
            if key in wanted:
                found[key] = position_id
    return found


async def add_positions(session: WriteSession, rows: Sequence[PositionImportRow]) -> list[int]:
    """Take rows of holdings in, to be seen; their ids in the same order.

    Raises:
        JobFailed: a source is unknown.
    """
    known = set(await session.scalars(select(BrokerageSource.code)))
    if not {row.source for row in rows} <= known:
        raise JobFailed("brokerage-source-unknown")
    now = utc_now()
    positions = [
        Position(
            **row.model_dump(exclude={"asset_type"}),
            asset_type=row.asset_type.value,
            told_at=now,
            next_try_at=now,
        )
        for row in rows
    ]
    session.add_all(positions)
    await number_new_rows(session)
    await session.flush()
    return [position.id for position in positions]


async def _insert_trades(
    session: WriteSession, _cipher: FieldCipher, rows: Sequence[TradeImportRow]
) -> Sequence[int]:
    return await add_trades(session, rows)


async def _insert_positions(
    session: WriteSession, _cipher: FieldCipher, rows: Sequence[PositionImportRow]
) -> Sequence[int]:
    return await add_positions(session, rows)


async def _refuse_replacing(_session: WriteSession, _cipher: FieldCipher, _rows: object) -> NoReturn:
    # What was told stays: a trade is corrected by a later revision, a holding by a later instant.
    raise JobFailed("corrected-by-later-rows")


TRADES_IMPORT: Final = import_kind(
    Importable(
        name="trades",
        permission=access.WRITE,
        row=TradeImportRow,
        columns=tuple(ImportColumn(*column) for column in _TRADE_COLUMNS),
        ignored=(),
        key=_trade_key,
        existing=_existing_trades,
        insert=_insert_trades,
        replace=_refuse_replacing,
        clash="trades-imported-meanwhile",
    )
)
POSITIONS_IMPORT: Final = import_kind(
    Importable(
        name="positions",
        permission=access.WRITE,
        row=PositionImportRow,
        columns=tuple(ImportColumn(*column) for column in _POSITION_COLUMNS),
        ignored=(),
        key=_position_key,
        existing=_existing_positions,
        insert=_insert_positions,
        replace=_refuse_replacing,
        clash="positions-imported-meanwhile",
    )
)
