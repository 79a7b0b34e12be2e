"""Moves an act's units, one request at a time, wherever it was left off.

What is to be done next follows from the act's rows alone. An outcome is written down in the transaction that
ends its request, and the next request is made in it too: a process that is killed leaves either both or
neither, and the bank of requests sees to answers that were lost.
"""

from collections.abc import Sequence
from typing import NamedTuple

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import Movement, credit, debit, transfer
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.services.agreements import acceptances as agreements
from host_api.services.member_merging import repository, row_moving
from host_api.services.member_merging.events import MEMBER_MERGED, MEMBER_SPLIT, RecordsChange
from host_api.services.member_merging.models import RecordAct, RecordMove
from host_api.services.member_merging.schemas import MoveKind, MoveState, RecordActKind, RecordActState
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.standing import set_standings
from host_api.services.referral_network import merging as referral_network
from host_api.services.store_accounts import books as store_accounts
from host_api.services.transactions.holdings import holdings_of
from protocol.dialect import PurseCode, ResponseCode

SERVICE = "member_merging"

# Of one purse in one round: what was read may be overtaken by a sale, and the switch then tells the rest.
_TRIES = 5
_CODES = {purse.name.lower(): purse.value for purse in PurseCode}
_STATES = {
    RequestState.APPROVED: MoveState.DONE,
    RequestState.DECLINED: MoveState.FAILED,
    RequestState.REVERSED: MoveState.FAILED,
    RequestState.DOUBTFUL: MoveState.DOUBTFUL,
}


class _Step(NamedTuple):
    kind: MoveKind
    purse: int
    amount: int
    follows: int | None = None


async def begin(session: WriteSession, act: RecordAct) -> None:
    """Begin a round: move whatever is to be moved and hasn't been."""
    act.state = RecordActState.MOVING.value
    act.round += 1
    act.balances = None
    await _advance(session, act)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Write down what became of a move, and go on."""
    move = await session.get(RecordMove, int(outcome.reference))
    act = None if move is None else await repository.lock(session, move.act_id)
    if move is None or act is None:
        raise LookupError("a merge or split has gone")
    move.state = _STATES[outcome.state].value
    move.response_code, move.rrn, move.finished_at = outcome.response_code, outcome.rrn, utc_now()
    if move.kind != MoveKind.CREDIT and outcome.balances:
        act.balances = {str(code): amount for code, amount in outcome.balances.items()}
    await session.flush()
    await _advance(session, act)


async def _advance(session: WriteSession, act: RecordAct) -> None:
    moves = await repository.moves(session, act.id)
    if any(move.state in (MoveState.SENT, MoveState.DOUBTFUL) for move in moves):
        return
    step = _owed_credit(act, moves) or _next_of(act, moves, await _amounts(session, act, moves))
    if step is None:
        await _finish(session, act, moves)
    else:
        await _ask(session, act, step)


def _owed_credit(act: RecordAct, moves: Sequence[RecordMove]) -> _Step | None:
    """What was taken by a debit and has not been given yet, once in a round."""
    given = {
        move.follows
        for move in moves
        if move.kind == MoveKind.CREDIT and (move.state == MoveState.DONE or move.round == act.round)
    }
    for move in moves:
        if move.kind == MoveKind.DEBIT and move.state == MoveState.DONE and move.id not in given:
            return _Step(MoveKind.CREDIT, move.purse, move.amount, move.id)
    return None


async def _amounts(session: WriteSession, act: RecordAct, moves: Sequence[RecordMove]) -> dict[int, int]:
    """What is still to be taken from the record, by account type."""
    if act.kind == RecordActKind.SPLIT:
        left = {int(code): amount for code, amount in (act.wanted or {}).items()}
        for move in moves:
            if move.kind != MoveKind.CREDIT and move.state == MoveState.DONE:
                left[move.purse] -= move.amount
        return left
    if act.balances is not None:
        return {int(code): amount for code, amount in act.balances.items()}
    holdings = await holdings_of(session, act.from_member_id, utc_now())
    known = {_CODES[name]: amount for name, amount in holdings.spendable.items() if name in _CODES}
    # Whatever the answer to the first request, it tells all purses as they are: the projection may be late,
    # and has names instead of account types for purses of the club's own.
    return known or {PurseCode.POINTS.value: 1}


def _next_of(act: RecordAct, moves: Sequence[RecordMove], amounts: dict[int, int]) -> _Step | None:
    of_round = [move for move in moves if move.round == act.round and move.kind != MoveKind.CREDIT]
    for purse, amount in sorted(amounts.items()):
        tried = [move for move in of_round if move.purse == purse and move.state == MoveState.FAILED]
        if amount <= 0 or _is_given_up(act, tried):
            continue
        is_debit = any(_is_forbidden(move) for move in tried)
        return _Step(MoveKind.DEBIT if is_debit else MoveKind.TRANSFER, purse, amount)
    return None


def _is_forbidden(move: RecordMove) -> bool:
    """Whether the rules don't let members give the purse away."""
    return move.kind == MoveKind.TRANSFER and move.response_code == ResponseCode.NOT_PERMITTED_TO_CARDHOLDER


def _is_given_up(act: RecordAct, tried: Sequence[RecordMove]) -> bool:
    """Whether a purse is left alone for the rest of the round."""
    if not tried:
        return False
    last = tried[-1]
    if _is_forbidden(last):
        return not act.moves_untransferable
    overtaken = last.response_code == ResponseCode.INSUFFICIENT_FUNDS and act.kind == RecordActKind.MERGE
    return not overtaken or len(tried) >= _TRIES


async def _ask(session: WriteSession, act: RecordAct, step: _Step) -> None:
    move = RecordMove(
        act_id=act.id,
        round=act.round,
        kind=step.kind.value,
        purse=step.purse,
        amount=step.amount,
        follows=step.follows,
        state=MoveState.SENT.value,
        asked_at=utc_now(),
    )
    session.add(move)
    await session.flush()
    move.request_id = await request_points(
        session,
        _movement(act, step),
        service=SERVICE,
        reference=str(move.id),
        asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
        reason=_reason(act),
    )
    await session.flush()


def _movement(act: RecordAct, step: _Step) -> Movement:
    match step.kind:
        case MoveKind.TRANSFER:
            return transfer(act.from_member_id, act.to_member_id, step.purse, step.amount)
        case MoveKind.DEBIT:
            return debit(act.from_member_id, step.purse, step.amount, _reason(act))
        case MoveKind.CREDIT:
            return credit(act.to_member_id, step.purse, step.amount, _reason(act))


def _reason(act: RecordAct) -> str:
    return f"{act.kind} {act.id}"


async def _finish(session: WriteSession, act: RecordAct, moves: Sequence[RecordMove]) -> None:
    is_failed = _is_failed(act, moves)
    act.state = (RecordActState.FAILED if is_failed else RecordActState.DONE).value
    act.finished_at = utc_now()
    is_merge = act.kind == RecordActKind.MERGE
    is_first = (await members.read(session, act.from_member_id)).merged_into is None
    if is_merge and not is_failed:
        await referral_network.absorb(session, act.from_member_id, act.to_member_id)
        await agreements.absorb(session, act.from_member_id, act.to_member_id)
        row_moving.enqueue(session, act.id)
        await store_accounts.absorb(session, act.id, act.from_member_id, act.to_member_id)
    if is_merge and not (is_failed and is_first):
        await set_standings(
            session,
            {act.from_member_id: {"status": MemberStatus.BLOCKED, "merged_into": act.to_member_id}},
        )
    if not is_failed and (is_first or not is_merge):
        emit(
            session,
            MEMBER_MERGED if is_merge else MEMBER_SPLIT,
            Subject("member", act.from_member_id),
            RecordsChange(act_id=act.id, from_member_id=act.from_member_id, to_member_id=act.to_member_id),
        )
    await session.flush()


def _is_failed(act: RecordAct, moves: Sequence[RecordMove]) -> bool:
    """Whether the last word on some purse was a refusal, other than of what was to stay."""
    done = [move for move in moves if move.state == MoveState.DONE]
    credited = {move.follows for move in done if move.kind == MoveKind.CREDIT}
    if {move.id for move in done if move.kind == MoveKind.DEBIT} - credited:
        return True
    last: dict[int, RecordMove] = {}
    for move in moves:
        if move.round == act.round:
            last[move.purse] = move
    return any(
        move.state == MoveState.FAILED
        and not (_is_forbidden(move) and not act.moves_untransferable)
        and not _is_nothing_left(act, move)
        for move in last.values()
    )


def _is_nothing_left(act: RecordAct, move: RecordMove) -> bool:
    """Whether there was nothing that a merge could have moved, as the switch tells."""
    return (
        act.kind == RecordActKind.MERGE
        and act.balances is not None
        and act.balances.get(str(move.purse), 0) <= 0
    )
