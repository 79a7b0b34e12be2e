"""From when an earning can be spent and when it expires."""

from switch.rules.local_time import LocalClock, day_after, month_of, quarter_of, week_of, year_of
from switch.rules.outcome import NEVER_S
from switch.rules.table import Calendar, Effect, ExpiryModel, PendingKind, PeriodEnd


def terms_of(effect: Effect, today: int, clock: LocalClock, calendar: Calendar) -> tuple[int, int]:
    """Available from and expires at, UTC seconds, of what is earned on a local day (since the epoch)."""
    return available_from_s(effect, today, clock), expires_at_s(effect, today, clock, calendar)


def available_from_s(effect: Effect, today: int, clock: LocalClock) -> int:
    """0 for at once, NEVER_S for on action, else the beginning of the day that is `pending_days` later."""
    if effect.pending == PendingKind.AFTER:
        return clock.midnight_s(today + effect.pending_days)
    return NEVER_S if effect.pending == PendingKind.ON_ACTION else 0


def expires_at_s(effect: Effect, today: int, clock: LocalClock, calendar: Calendar) -> int:
    """The end of the last day on which it can be spent; NEVER_S where it doesn't expire."""
    expiry = effect.expiry
    if expiry.model == ExpiryModel.NEVER:
        return NEVER_S
    if expiry.model == ExpiryModel.FIXED:
        return expiry.until_s
    last = day_after(today, expiry.count, expiry.unit, calendar)
    if expiry.end == PeriodEnd.WEEK:
        _, last = week_of(last, calendar)
    elif expiry.end == PeriodEnd.MONTH:
        _, last = month_of(last, calendar)
    elif expiry.end == PeriodEnd.QUARTER:
        _, last = quarter_of(last, calendar)
    elif expiry.end == PeriodEnd.YEAR:
        _, last = year_of(last, calendar)
    return clock.midnight_s(last + 1)
