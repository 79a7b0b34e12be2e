"""Asking for merges and splits, deciding them, and going on with them."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, cancel, decide
from host_api.services.cards import reassignment
from host_api.services.credit_packages import logic as credit_packages
from host_api.services.households import logic as households
from host_api.services.member_merging import moving, repository, row_moving
from host_api.services.member_merging.conflicts import conflicts_of, is_taking_back
from host_api.services.member_merging.listing import RecordActQuery
from host_api.services.member_merging.models import REASON, RecordAct, RecordMove
from host_api.services.member_merging.problems import (
    NothingToResume,
    NothingToSplit,
    RecordActNotFound,
    conflict,
)
from host_api.services.member_merging.schemas import (
    MergeCreate,
    MoveKind,
    MoveRead,
    MoveState,
    PurseAmount,
    RecordActKind,
    RecordActRead,
    RecordActState,
    RecordReason,
    SplitCreate,
)
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.standing import set_standings
from host_api.services.transactions.holdings import Holdings, holdings_of

_FOLLOWED = 20


async def ask_merge(
    session: WriteSession, cipher: FieldCipher, wanted: MergeCreate, caller: Caller
) -> RecordActRead:
    """Keep a merge for a second person to decide.

    Raises:
        members.MemberNotFound, RecordsInConflict
    """
    return await _ask(session, cipher, _new(RecordActKind.MERGE, wanted, caller), wanted.reason)


async def ask_split(
    session: WriteSession, cipher: FieldCipher, wanted: SplitCreate, caller: Caller
) -> RecordActRead:
    """Keep a split for a second person to decide.

    Raises:
        members.MemberNotFound, RecordsInConflict, NothingToSplit
    """
    act = _new(RecordActKind.SPLIT, wanted, caller)
    act.card_ids = sorted(wanted.card_ids)
    act.wanted = {str(entry.purse): entry.amount for entry in wanted.units}
    return await _ask(session, cipher, act, wanted.reason)


async def read(session: AnySession, cipher: FieldCipher, act_id: int) -> RecordActRead:
    """One act with its moves.

    Raises:
        RecordActNotFound
    """
    act = await session.get(RecordAct, act_id)
    if act is None:
        raise RecordActNotFound
    return _read(cipher, act, await repository.moves(session, act_id))


async def read_page(session: ReadSession, cipher: FieldCipher, query: RecordActQuery) -> Page[RecordActRead]:
    """A page of acts, without their moves."""
    acts, next_cursor = await read_rows(session, select(RecordAct), query)
    return Page(items=[_read(cipher, act, []) for act in acts], next_cursor=next_cursor)


async def approve(session: WriteSession, cipher: FieldCipher, act_id: int, caller: Caller) -> RecordActRead:
    """Approve an act that another has asked for: cards go over at once, then units begin to move.

    Raises:
        RecordActNotFound, AlreadyDecided, OwnAct, RecordsInConflict
    """
    act = await _lock(session, act_id)
    decide(act, RecordActState.MOVING, caller)
    # Holds both records' rows, so that acts with one of them in common queue here.
    await set_standings(session, {act.from_member_id: {}, act.to_member_id: {}})
    await _check(session, act)
    if act.kind == RecordActKind.MERGE:
        await households.take_place(session, act.from_member_id, act.to_member_id)
        # Before its units move: credit that goes to whoever has the contract is not used by that.
        await credit_packages.absorb(session, act.from_member_id, act.to_member_id)
        act.card_ids = await reassignment.reassign(session, cipher, act.from_member_id, act.to_member_id)
    else:
        await _open_target(session, act)
        await reassignment.reassign(session, cipher, act.from_member_id, act.to_member_id, act.card_ids)
    # The records reach the switch before the requests do: nothing is earned on a card in between.
    await moving.begin(session, act)
    return await read(session, cipher, act_id)


async def reject(session: WriteSession, cipher: FieldCipher, act_id: int, caller: Caller) -> RecordActRead:
    """Turn an act of another down.

    Raises:
        RecordActNotFound, AlreadyDecided, OwnAct
    """
    act = await _lock(session, act_id)
    decide(act, RecordActState.REJECTED, caller)
    await session.flush()
    return _read(cipher, act, [])


async def cancel_own(
    session: WriteSession, cipher: FieldCipher, act_id: int, caller: Caller
) -> RecordActRead:
    """Take one's own act back before it is decided.

    Raises:
        RecordActNotFound, AlreadyDecided, ActOfAnother
    """
    act = await _lock(session, act_id)
    cancel(act, caller)
    await session.flush()
    return _read(cipher, act, [])


async def resume(session: WriteSession, cipher: FieldCipher, act_id: int) -> RecordActRead:
    """Go on with an act that failed.

    Raises:
        RecordActNotFound, NothingToResume
    """
    act = await _lock(session, act_id)
    if act.state != RecordActState.FAILED:
        raise NothingToResume
    await _let_move(session, act)
    return await read(session, cipher, act_id)


async def sweep(session: WriteSession, after_id: int, limit: int) -> tuple[int, int | None]:
    """Move what has come to merged records since, of up to `limit` merges; how many, and where to go on."""
    acts = await repository.done_merges(session, after_id, limit)
    begun = 0
    for found in acts:
        holdings = await holdings_of(session, found.from_member_id, utc_now())
        if any(amount > 0 for amount in holdings.spendable.values()):
            act = await _lock(session, found.id)
            if act.state == RecordActState.DONE and not _is_left_on_purpose(act, holdings):
                await _let_move(session, act)
                begun += 1
    return begun, acts[-1].id if len(acts) == limit else None


async def records_of(session: AnySession, member_id: int) -> list[int]:
    """A member's record and all that went into it, directly or through others."""
    found = [member_id]
    newest = [member_id]
    for _ in range(_FOLLOWED):
        newest = [one for one in await repository.merged_into(session, newest) if one not in found]
        if not newest:
            break
        found += newest
    return found


def _new(kind: RecordActKind, wanted: MergeCreate | SplitCreate, caller: Caller) -> RecordAct:
    return RecordAct(
        kind=kind.value,
        from_member_id=wanted.from_member_id,
        to_member_id=wanted.to_member_id,
        card_ids=[],
        wanted=None,
        takes_back=None,
        moves_untransferable=wanted.moves_untransferable,
        reason_code=wanted.reason_code.value,
        round=0,
        balances=None,
        state=RecordActState.ASKED.value,
        finished_at=None,
        **asked_by(caller),
    )


async def _ask(session: WriteSession, cipher: FieldCipher, act: RecordAct, reason: str) -> RecordActRead:
    await _check(session, act)
    session.add(act)
    await session.flush()
    REASON.seal(cipher, act, reason)
    await session.flush()
    return _read(cipher, act, [])


async def _check(session: AnySession, act: RecordAct) -> None:
    from_member = await members.read(session, act.from_member_id)
    to_member = await members.read(session, act.to_member_id)
    kind = RecordActKind(act.kind)
    found = await conflicts_of(session, kind, from_member, to_member, card_ids=act.card_ids, act_id=act.id)
    if found:
        raise conflict(found)
    if is_taking_back(kind, from_member, to_member):
        merge = await repository.standing_merge(session, to_member.id, from_member.id)
        act.takes_back = None if merge is None else merge.id
    elif kind is RecordActKind.SPLIT and not act.card_ids and not act.wanted:
        raise NothingToSplit


async def _open_target(session: WriteSession, act: RecordAct) -> None:
    """Have a record that went into this one stand for itself again."""
    if act.takes_back is None:
        return
    merge = await _lock(session, act.takes_back)
    merge.state = RecordActState.TAKEN_BACK.value
    row_moving.enqueue(session, merge.id)
    await set_standings(session, {act.to_member_id: {"status": MemberStatus.ACTIVE, "merged_into": None}})


async def _let_move(session: WriteSession, act: RecordAct) -> None:
    """Begin a round; a merged record is active for as long as units leave it, with no card."""
    if act.kind == RecordActKind.MERGE:
        await set_standings(session, {act.from_member_id: {"status": MemberStatus.ACTIVE}})
    await moving.begin(session, act)


def _is_left_on_purpose(act: RecordAct, holdings: Holdings) -> bool:
    """Whether the record still has just what was left because it can't be given away."""
    left = sum(amount for amount in (act.balances or {}).values() if amount > 0)
    return not act.moves_untransferable and left == sum(holdings.spendable.values())


async def _lock(session: WriteSession, act_id: int) -> RecordAct:
    act = await repository.lock(session, act_id)
    if act is None:
        raise RecordActNotFound
    return act


def _read(cipher: FieldCipher, act: RecordAct, moves: Sequence[RecordMove]) -> RecordActRead:
    return RecordActRead(
        id=act.id,
        kind=RecordActKind(act.kind),
        state=RecordActState(act.state),
        from_member_id=act.from_member_id,
        to_member_id=act.to_member_id,
        card_ids=act.card_ids,
        units=[PurseAmount(purse=int(code), amount=amount) for code, amount in (act.wanted or {}).items()],
        takes_back=act.takes_back,
        moves_untransferable=act.moves_untransferable,
        reason_code=RecordReason(act.reason_code),
        reason=REASON.open(cipher, act),
        asked_by=act.asked_by_name,
        asked_at=act.asked_at,
        decided_by=act.decided_by_name,
        decided_at=act.decided_at,
        finished_at=act.finished_at,
        moves=[
            MoveRead(
                kind=MoveKind(move.kind),
                purse=move.purse,
                amount=move.amount,
                state=MoveState(move.state),
                response_code=move.response_code,
                rrn=move.rrn,
                finished_at=move.finished_at,
            )
            for move in moves
        ],
    )
