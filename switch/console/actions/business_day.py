"""Cut-over by order."""

from collections.abc import Mapping

from switch.authoriser.cut_over import next_day
from switch.console.actions.controls import Controls
from switch.console.actions.plan import Change, Fact, Plan, Refused
from switch.console.story.titles import Words
from switch.journal.entries import CutOverEntry
from switch.rules.local_time import iso_date, jalali_date


async def cut_over(controls: Controls, _: Mapping[str, str]) -> Plan:
    """The next business day begins at once. Days only go forward."""
    days = controls.state.business
    day = next_day(controls.state, controls.now_ms())
    if day is None:
        raise Refused(409, "the next business day would begin more than a day early")
    open_day = days.open_day
    facts = (
        Fact("open_day", Words("Day that ends", "روزی که پایان می‌یابد"), iso_date(open_day.day)),
        Fact("next_day", Words("Day that begins", "روزی که آغاز می‌شود"), iso_date(day)),
        Fact("next_day_jalali", Words("The same, Jalali", "همان، شمسی"), jalali_date(day)),
        Fact(
            "terminals",
            Words("Terminals with totals on the day that ends", "پایانه‌های دارای جمع در روز پایان‌یافته"),
            len(open_day.terminals),
        ),
    )

    told = Words(f"business day {iso_date(day)}", f"روز کاری {jalali_date(day)}")

    def change(at_ms: int) -> Change:
        return Change(told=told, entries=((CutOverEntry(at_ms, day), None),))

    return Plan((), facts, lambda: (days.open_day.day,), change)
