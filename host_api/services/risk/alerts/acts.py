"""Acts: cards, terminals and operators blocked for an alert, and blocks lifted again by two persons.

A card and a terminal are blocked at the switch, by the records that their own services send; an operator is
locked in the file from which terminals know operators.
"""

from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.isolation import programme_of
from host_api.core.second_person import asked_by, cancel, decide
from host_api.services.cards.holding import card_in_hand
from host_api.services.cards.lifecycle import logic as cards
from host_api.services.cards.schemas import BlockReason, CardBlock, CardRelease
from host_api.services.operators import logic as operators
from host_api.services.operators.schemas import OperatorStatus, OperatorUpdate
from host_api.services.risk.alerts.models import RiskAct, RiskAlert
from host_api.services.risk.alerts.raising import SERVICE
from host_api.services.risk.alerts.schemas import RiskActKind, RiskActRead, RiskActState, RiskAlertState
from host_api.services.risk.problems import ActNotFound, NothingToAct
from host_api.services.terminals import logic as terminals
from host_api.services.terminals.schemas import TerminalStatus, TerminalUpdate

_MOST_WAITING: Final = 100
_OF_CARD: Final = (RiskActKind.HOLD, RiskActKind.BLOCK_CARD, RiskActKind.RELEASE_CARD)
_OF_TERMINAL: Final = (RiskActKind.BLOCK_TERMINAL, RiskActKind.SERVE_TERMINAL)
LIFTING: Final = (RiskActKind.RELEASE_CARD, RiskActKind.SERVE_TERMINAL, RiskActKind.UNLOCK_OPERATOR)


async def ask(
    session: WriteSession, cipher: FieldCipher, caller: Caller, alert: RiskAlert, kind: RiskActKind
) -> RiskAct:
    """Block at once what the alert is about, or ask that a block be lifted.

    Raises:
        NothingToAct; and what stands against it, as TransitionNotAllowed
    """
    act = RiskAct(alert_id=alert.id, kind=kind.value, state=RiskActState.DUE.value, **asked_by(caller))
    act.target = await _target(session, alert, kind)
    if kind in LIFTING:
        act.state = RiskActState.ASKED.value
    else:
        await _do(session, cipher, caller, act)
    session.add(act)
    await session.flush()
    return act


async def approve(session: WriteSession, cipher: FieldCipher, caller: Caller, act_id: int) -> RiskAct:
    """Lift a block that another person has asked to be lifted.

    Raises:
        ActNotFound, AlreadyDecided, OwnAct; and what stands against it
    """
    act = await lock_act(session, act_id)
    decide(act, RiskActState.DUE, caller)
    await _do(session, cipher, caller, act)
    await session.flush()
    return act


async def reject(session: WriteSession, caller: Caller, act_id: int) -> RiskAct:
    """Leave the block.

    Raises:
        ActNotFound, AlreadyDecided, OwnAct
    """
    act = await lock_act(session, act_id)
    decide(act, RiskActState.REJECTED, caller)
    await session.flush()
    return act


async def take_back(session: WriteSession, caller: Caller, act_id: int) -> RiskAct:
    """Take one's own wish back.

    Raises:
        ActNotFound, AlreadyDecided, ActOfAnother
    """
    act = await lock_act(session, act_id)
    cancel(act, caller)
    await session.flush()
    return act


async def do_due(session: WriteSession, cipher: FieldCipher, act_id: int) -> None:
    """Do what a limit does by itself; what stands against it is written down, and is for a person."""
    act = await lock_act(session, act_id)
    if act.state != RiskActState.DUE:
        return
    alert = await session.get_one(RiskAlert, act.alert_id)
    system = system_caller(SERVICE, programme_of(session.sync_session))
    try:
        async with session.begin_nested():
            act.target = await _target(session, alert, RiskActKind(act.kind))
            await _do(session, cipher, system, act)
            await session.flush()
    except Problem as problem:
        await session.refresh(act)
        act.state, act.fault, act.done_at = RiskActState.FAILED.value, problem.code[:48], utc_now()
        await session.flush()


async def lift_holds(session: WriteSession, cipher: FieldCipher, caller: Caller, alert: RiskAlert) -> None:
    """Release the card that waited for the alert's review, where nothing else has changed it meanwhile.

    Where another alert would have blocked it too, it stays blocked for that one.
    """
    rows = await session.scalars(
        select(RiskAct)
        .where(RiskAct.alert_id == alert.id, RiskAct.kind == RiskActKind.HOLD.value)
        .order_by(RiskAct.id)
        .with_for_update()
    )
    for held in list(rows):
        if held.state == RiskActState.DUE:
            held.state = RiskActState.CANCELLED.value
        if held.state != RiskActState.DONE or held.target is None:
            continue
        if await _goes_over(session, alert, held.target):
            held.state = RiskActState.CANCELLED.value
            continue
        act = RiskAct(
            alert_id=alert.id,
            kind=RiskActKind.RELEASE_CARD.value,
            target=held.target,
            state=RiskActState.DUE.value,
            **asked_by(caller),
        )
        try:
            async with session.begin_nested():
                await _do(session, cipher, caller, act)
                await session.flush()
        except Problem as problem:
            act.state, act.fault = RiskActState.FAILED.value, problem.code[:48]
        session.add(act)
        held.state = RiskActState.CANCELLED.value
    await session.flush()


async def _goes_over(session: WriteSession, alert: RiskAlert, target: str) -> bool:
    """Have a card stay blocked for another alert that found it blocked already; whether there is one."""
    rows = await session.execute(
        select(RiskAct, RiskAlert)
        .join(RiskAlert, RiskAlert.id == RiskAct.alert_id)
        .where(
            RiskAlert.card_reference == alert.card_reference,
            RiskAlert.id != alert.id,
            RiskAlert.state != RiskAlertState.FALSE_POSITIVE.value,
            RiskAct.kind.in_((RiskActKind.HOLD.value, RiskActKind.BLOCK_CARD.value)),
            RiskAct.state == RiskActState.FAILED.value,
        )
        .order_by(RiskAct.id)
        .limit(_MOST_WAITING)
        .with_for_update(of=RiskAct)
    )
    for act, other in rows:
        if await _target(session, other, RiskActKind(act.kind)) == target:
            act.target, act.state, act.fault = target, RiskActState.DONE.value, None
            return True
    return False


async def due(session: AnySession, limit: int) -> list[int]:
    """Acts that wait to be done."""
    rows = await session.scalars(
        select(RiskAct.id).where(RiskAct.state == RiskActState.DUE.value).order_by(RiskAct.id).limit(limit)
    )
    return list(rows)


async def acts_of(session: AnySession, alert_id: int, limit: int) -> list[RiskActRead]:
    """What was done about an alert, the latest first."""
    rows = await session.scalars(
        select(RiskAct).where(RiskAct.alert_id == alert_id).order_by(RiskAct.id.desc()).limit(limit)
    )
    return [shown(row) for row in rows]


async def lock_act(session: WriteSession, act_id: int) -> RiskAct:
    """One act, kept from other writers until the transaction ends.

    Raises:
        ActNotFound
    """
    act = await session.get(RiskAct, act_id, with_for_update=True)
    if act is None:
        raise ActNotFound
    return act


def shown(act: RiskAct) -> RiskActRead:
    """An act as callers see it."""
    return RiskActRead(
        id=act.id,
        alert_id=act.alert_id,
        kind=RiskActKind(act.kind),
        target=act.target,
        state=RiskActState(act.state),
        asked_by=act.asked_by_name,
        asked_at=act.asked_at,
        decided_by=act.decided_by_name,
        decided_at=act.decided_at,
        done_at=act.done_at,
        fault=act.fault,
    )


async def _target(session: AnySession, alert: RiskAlert, kind: RiskActKind) -> str:
    target: int | str | None
    if kind in _OF_CARD:
        target = None if alert.card_reference is None else await card_in_hand(session, alert.card_reference)
    elif kind in _OF_TERMINAL:
        target = alert.terminal_id
    else:
        target = alert.operator_id
    if target is None:
        raise NothingToAct
    return str(target)


async def _do(session: WriteSession, cipher: FieldCipher, caller: Caller, act: RiskAct) -> None:
    target, note = act.target or "", f"risk alert {act.alert_id}"
    match RiskActKind(act.kind):
        case RiskActKind.HOLD | RiskActKind.BLOCK_CARD:
            wanted = CardBlock(reason=BlockReason.BY_CLUB, note=note)
            await cards.block(session, cipher, caller, int(target), wanted)
        case RiskActKind.RELEASE_CARD:
            await cards.release(session, cipher, caller, int(target), CardRelease(note=note))
        case RiskActKind.BLOCK_TERMINAL:
            await _set_terminal(session, target, TerminalStatus.BLOCKED)
        case RiskActKind.SERVE_TERMINAL:
            await _set_terminal(session, target, TerminalStatus.ACTIVE)
        case RiskActKind.BLOCK_OPERATOR:
            await _set_operator(session, int(target), OperatorStatus.LOCKED)
        case RiskActKind.UNLOCK_OPERATOR:
            await _set_operator(session, int(target), OperatorStatus.ACTIVE)
    act.state, act.done_at = RiskActState.DONE.value, utc_now()


async def _set_terminal(session: WriteSession, terminal_id: str, status: TerminalStatus) -> None:
    version = (await terminals.find(session, terminal_id)).version
    await terminals.change(session, terminal_id, str(version), TerminalUpdate(status=status))


async def _set_operator(session: WriteSession, operator_id: int, status: OperatorStatus) -> None:
    version = (await operators.lock(session, operator_id)).version
    await operators.change(session, operator_id, str(version), OperatorUpdate(status=status))
