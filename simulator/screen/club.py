"""The small club of the wallet's cards, told to a switch over its host's link."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from host_api.core.host_link.link import HostLink, LinkFault
from host_api.core.host_link.settings import HostLinkSettings
from protocol.dialect import (
    FileName,
    FileUpdateCode,
    PurseCode,
    ResponseCode,
    Tag,
    credit_adjustment_of,
    load_of,
)
from protocol.message import Message, Value
from simulator.screen.cards import CARDS, PageCard

RULES_FILE = Path(__file__).with_name("club_rules.toml")
MERCHANT_ID = "SCREEN"
HOST_ID = "HOST0001"

_CURRENCY = "364"
_REASON = "نمونه"


class ClubFault(Exception):  # noqa: N818
    """The switch did not take the club; one line for the user."""


async def open_club(
    switch: tuple[str, int], host_key: bytes, terminal_ids: Sequence[str], key_generation: int = 1
) -> None:
    """Tell the switch of the terminals, and of those members and cards that it does not know yet.

    Raises:
        ClubFault: no link, or a record was refused.
    """
    try:
        async with await HostLink.open(_link_settings(switch), host_key) as link:
            clerk = _Clerk(link)
            for terminal_id in terminal_ids:
                await clerk.record(FileName.TERMINAL, _terminal(terminal_id, key_generation))
            for card in CARDS:
                if card.is_known:
                    await _issue(clerk, card)
    except LinkFault as fault:
        raise ClubFault(f"the club can't be opened: {fault}") from None


def _link_settings(switch: tuple[str, int]) -> HostLinkSettings:
    # Only a pool reads the key's file; this one link is given its key.
    return HostLinkSettings(switch, HOST_ID, master_key_path=Path())


async def _issue(clerk: "_Clerk", card: PageCard) -> None:
    person = card.person
    is_new = True
    if person.number:
        is_new = await clerk.record(FileName.MEMBER, _member(card))
    is_new &= await clerk.record(FileName.CARD, _card(card), card.number)
    if not is_new:
        return
    owner: dict[str, Value] = {Tag.MEMBER_NUMBER.value: f"{person.number:012d}", Tag.REASON.value: _REASON}
    if person.points:
        await clerk.move(credit_adjustment_of(PurseCode.POINTS), owner, amount=person.points)
    if person.credit:
        await clerk.move(credit_adjustment_of(PurseCode.CREDIT), owner, amount=person.credit)
    if card.gift_amount:
        await clerk.move(load_of(PurseCode.GIFT), {}, amount=card.gift_amount, card_number=card.number)


def _terminal(terminal_id: str, key_generation: int) -> dict[str, Value]:
    return {
        Tag.SUBJECT_TERMINAL_ID.value: terminal_id,
        Tag.RECORD_MERCHANT_ID.value: MERCHANT_ID,
        Tag.BRANCH_NUMBER.value: "000001",
        Tag.KEY_GENERATION.value: f"{key_generation:04d}",
        Tag.LINK_ROLE.value: "T",
        Tag.STATUS.value: "A",
    }


def _member(card: PageCard) -> dict[str, Value]:
    return {
        Tag.MEMBER_NUMBER.value: f"{card.person.number:012d}",
        Tag.MEMBER_NAME.value: card.person.name,
        Tag.MEMBER_TIER.value: card.person.tier,
        Tag.STATUS.value: "A",
    }


def _card(card: PageCard) -> dict[str, Value]:
    return {
        Tag.MEMBER_NUMBER.value: f"{card.person.number:012d}",
        Tag.STATUS.value: card.status,
        Tag.CARD_TYPE.value: card.card_type,
        Tag.CARD_REFERENCE.value: f"{CARDS.index(card) + 1:012d}",
        Tag.EXPIRES_ON.value: f"{card.expires_on:08d}",
    }


class _Clerk:
    """Numbers messages and looks at their answers."""

    def __init__(self, link: HostLink) -> None:
        self._link = link
        self._stans = _stans()

    async def record(self, file: FileName, tags: dict[str, Value], card_number: str | None = None) -> bool:
        """Set a record; whether it is a new one. Raises ClubFault, LinkFault."""
        fields: dict[int, Value] = {
            91: FileUpdateCode.ADD_OR_REPLACE.value,
            101: file.value,
            120: tags,
        }
        if card_number is not None:
            fields[2] = card_number
        code = await self._ask("0300", fields)
        if code not in (ResponseCode.APPROVED, ResponseCode.RECORD_REPLACED):
            raise ClubFault(f"the switch answered {code} to a {file.value} record")
        return code == ResponseCode.APPROVED

    async def move(self, code: str, tags: dict[str, Value], *, amount: int, card_number: str = "") -> None:
        """Put units, or rial, into a purse. Raises ClubFault, LinkFault."""
        now = datetime.now(UTC)
        fields: dict[int, Value] = {
            3: code,
            4: f"{amount:012d}",
            12: now.strftime("%H%M%S"),
            13: now.strftime("%m%d"),
            22: "011",
            42: MERCHANT_ID,
            49: _CURRENCY,
        }
        if card_number:
            fields[2] = card_number
        if tags:
            fields[48] = tags
        answer = await self._ask("0200", fields)
        if answer != ResponseCode.APPROVED:
            raise ClubFault(f"the switch answered {answer} to a first balance")

    async def _ask(self, mti: str, fields: dict[int, Value]) -> str:
        now = datetime.now(UTC).strftime("%m%d%H%M%S")
        return (
            await self._link.exchange(Message(mti, {7: now, 11: next(self._stans), 41: HOST_ID, **fields}))
        ).text(39)


def _stans() -> Iterator[str]:
    # The seconds of the day lead, so that a switch that is told twice sees another request.
    first = int(datetime.now(UTC).timestamp()) % 9_000 * 100
    for number in range(first + 1, first + 100_000):
        yield f"{number % 1_000_000:06d}"
