"""Cut-over: when a business day ends, by the clock or by a host's order. Nobody has to stop for it."""

from protocol.dialect import ResponseCode
from switch.journal.entries import CutOverEntry
from switch.ledger.business_day import business_day_at
from switch.ledger.records import Role, TerminalRecord
from switch.ledger.state import State
from switch.rules.local_time import local_day


def cut_over_due(state: State, now_ms: int, cut_over_minute: int) -> CutOverEntry | None:
    """The cut-over that the clock asks for, None where the open day is still right.

    `cut_over_minute` counts from midnight in the programme's time zone, see `business_day_at`. A clock that
    goes back, or a day begun by order, changes nothing: days only go forward.
    """
    open_day = state.business.open_day.day
    if not open_day:
        return None
    today = business_day_at(state.rule_table.programme.time_zone, now_ms // 1000, cut_over_minute)
    return CutOverEntry(now_ms, today) if today > open_day else None


def next_day(state: State, now_ms: int) -> int | None:
    """The day behind the open one; None where it would begin more than a day early, or no day is open yet."""
    open_day = state.business.open_day.day
    today = business_day_at(state.rule_table.programme.time_zone, now_ms // 1000, 0)
    return open_day + 1 if 0 < open_day <= today else None


def decide_cut_over(
    state: State, terminal: TerminalRecord, month_day: str, now_ms: int
) -> tuple[ResponseCode, CutOverEntry | None]:
    """Answer a host's order (0800, network code 201) to open the business day of field 15 (MMDD).

    It may be any day behind the open one up to tomorrow by local time; the open day itself is answered 00
    and changes nothing, so the order can be repeated.
    """
    if terminal.role != Role.HOST:
        return ResponseCode.NOT_PERMITTED_TO_TERMINAL, None
    open_day = state.business.open_day.day
    today = business_day_at(state.rule_table.programme.time_zone, now_ms // 1000, 0)
    for day in range(max(open_day, today - 365), today + 2):
        if open_day and f"{local_day(day).date:08d}"[4:] == month_day:
            return ResponseCode.APPROVED, None if day == open_day else CutOverEntry(now_ms, day)
    return ResponseCode.INVALID_TRANSACTION, None
