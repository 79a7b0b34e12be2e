"""The words of explanations, in Persian and English: what a rule wanted, and what was found."""

from collections.abc import Sequence

from switch.rules.caps import Cap, CapOf
from switch.rules.evaluator.compiled import CompiledEffect, CompiledRule
from switch.rules.evaluator.run import Run
from switch.rules.evaluator.traces import Recorder, Verdict, Wording
from switch.rules.outcome import GrantReason
from switch.rules.table import Kind, TableRule, TimeWindow

PASSED = Wording("درگاه اجازه داد", "The gate let the request pass")
NOT_REACHED = Wording(
    "نوبت به این قاعده نرسید", "Not looked at: the request was refused before, or another rule paid"
)

_WEEKDAYS_FA = ("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه")
_WEEKDAYS_EN = ("Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri")
_CAPS = {
    CapOf.UNITS: Wording("سقف مقدار", "cap of units"),
    CapOf.USES: Wording("سقف دفعات", "cap of uses"),
    CapOf.AMOUNT: Wording("سقف مبلغ", "cap of the amount"),
    CapOf.LIABILITY: Wording("سقف تعهد ریالی", "cap of the rial value"),
}
_REASONS = {
    GrantReason.GRANTED: Wording("کامل", "in full"),
    GrantReason.RULE_CAP: Wording("سقف قاعده", "the rule's cap"),
    GrantReason.LIMIT: Wording("سقف کیف", "the purse's limit"),
    GrantReason.BUDGET: Wording("پایان بودجه", "the budget is used up"),
    GrantReason.BELOW_MINIMUM: Wording("کمتر از حداقل", "below the minimum"),
    GrantReason.OVER_BUDGET: Wording("بیش از بودجه", "beyond the budget"),
    GrantReason.BILL: Wording("مبلغ صورتحساب", "the bill is no greater"),
}


def found_text(value: str) -> Wording:
    """A text that a request has, or that it has none."""
    return Wording(value or "نامعلوم", value or "unknown")


def not_triggered(rule: TableRule, run: Run) -> Wording:
    """The request is of another kind."""
    wanted = "، ".join(rule.triggers), ", ".join(rule.triggers)
    found = run.facts.trigger
    if "burn_request" in rule.triggers and found in ("purchase", "burn_request"):
        if rule.kind == Kind.GATE:
            return Wording(
                "از هیچ کیفی پرداخت نمی‌شود و جایزه‌ای خواسته نشده است",
                "Nothing is paid from a purse and no reward is asked for",
            )
        return Wording(
            "درخواست این قاعده را نخواسته است", "The request doesn't ask for this rule or its purse"
        )
    return Wording(f"رویداد {found} است؛ باید {wanted[0]} باشد", f"Trigger is {found}; wanted {wanted[1]}")


def not_valid(rule: TableRule, run: Run) -> Wording:
    """The rule isn't valid at the time of the request."""
    at_s = run.facts.at_s
    if at_s < rule.valid_from_s:
        return Wording(
            f"اعتبار از ثانیهٔ {rule.valid_from_s} آغاز می‌شود؛ اکنون {at_s}",
            f"Valid from second {rule.valid_from_s} on; it is {at_s}",
        )
    return Wording(
        f"اعتبار در ثانیهٔ {rule.valid_until_s} پایان یافته؛ اکنون {at_s}",
        f"Valid until second {rule.valid_until_s}; it is {at_s}",
    )


def out_of_window(rule: TableRule, run: Run) -> Wording:
    """The hour or the day isn't one of the rule's."""
    day, minute = run.moment.day, _clock(run.moment.minute)
    if any(first <= day.ordinal <= last for first, last in rule.blackout):
        return Wording(f"روز {day.jalali_date} روز تعطیل قاعده است", f"The rule rests on {day.date}")
    wanted_fa = "؛ ".join(_window(window, _WEEKDAYS_FA) for window in rule.windows)
    wanted_en = "; ".join(_window(window, _WEEKDAYS_EN) for window in rule.windows)
    return Wording(
        f"اکنون {_WEEKDAYS_FA[day.weekday - 1]} {minute} است؛ باید {wanted_fa} باشد",
        f"It is {_WEEKDAYS_EN[day.weekday - 1]} {minute}; wanted {wanted_en}",
    )


def _window(window: TimeWindow, weekdays: Sequence[str]) -> str:
    days = " ".join(name for index, name in enumerate(weekdays) if window.days >> index & 1)
    return f"{days} {_clock(window.from_minute)}-{_clock(window.until_minute)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def agreement(rule: TableRule, run: Run) -> Wording:
    """The member hasn't agreed to everything."""
    missing = rule.agreements & ~run.sets[1]
    bits = ", ".join(str(bit) for bit in range(missing.bit_length()) if missing >> bit & 1)
    return Wording(f"توافق‌نامهٔ شمارهٔ {bits} پذیرفته نشده", f"Agreement of bit {bits} is missing")


def member_status(rule: TableRule, run: Run) -> Wording:
    """The member is in another state."""
    found = found_text(run.texts[9])
    return Wording(
        f"وضعیت عضو {found.fa} است؛ باید {'، '.join(rule.statuses)} باشد",
        f"Member status is {found.en}; wanted {', '.join(rule.statuses)}",
    )


def excluded(by: str) -> Wording:
    """Another rule excludes it."""
    return Wording(f"قاعدهٔ {by} آن را کنار می‌گذارد", f"Excluded by {by}")


def stopped(by: str) -> Wording:
    """Another rule is the last of its stage."""
    return Wording(f"پس از قاعدهٔ {by} قاعدهٔ دیگری اجرا نمی‌شود", f"{by} lets no further rule follow")


def requires(missing: str) -> Wording:
    """A rule that it needs isn't there."""
    return Wording(f"به قاعدهٔ {missing} نیاز دارد", f"Requires {missing}, which doesn't apply")


def balance(purse: Wording, cost: int, found: int) -> Wording:
    """The member can't pay for it."""
    return Wording(
        f"ماندهٔ {purse.fa} {found} است؛ باید دست‌کم {cost} باشد",
        f"Balance of {purse.en} is {found}; it costs {cost}",
    )


def refused(code: str) -> Wording:
    """The rule refused the request."""
    return Wording(f"درخواست با کد {code} رد شد", f"Refused the request with code {code}")


def cap(broken: Cap, value: int) -> Wording:
    """A cap let nothing more pass."""
    name = _CAPS[broken.of]
    return Wording(
        f"{name.fa} {broken.limit} است و پیش از این {value} شمرده شده",
        f"The {name.en} is {broken.limit}; {value} counted before",
    )


def stack(winner: str) -> Wording:
    """Another rule of the group counts."""
    return Wording(f"در گروه، قاعدهٔ {winner} به حساب می‌آید", f"{winner} counts in its group")


def granted(effect: CompiledEffect, amount: int, reason: GrantReason) -> Wording:
    """What one effect gave, and why no more."""
    why = _REASONS[reason]
    return Wording(f"{amount} {effect.title.fa} ({why.fa})", f"{amount} {effect.title.en} ({why.en})")


def note_nothing(recorder: Recorder, rule: CompiledRule, basis: int, at_s: int) -> None:
    """Tells why a rule that applies wants to give nothing."""
    detail = Wording("مبنای محاسبه صفر است", "The basis is 0")
    if basis > 0:
        detail = Wording(f"از مبنای {basis} چیزی به دست نمی‌آید", f"A basis of {basis} comes to 0")
        for effect in rule.effects:
            amount = 0 if effect.is_multiplier or effect.levels else effect.raw(basis)
            if at_s >= effect.ends_at_s:
                detail = Wording("آنچه می‌دهد پیشاپیش منقضی است", "What it gives has expired already")
            elif 0 < amount < effect.effect.minimum:
                least = effect.effect.minimum
                detail = Wording(
                    f"{amount} به دست می‌آید؛ حداقل {least} است", f"Comes to {amount}; the minimum is {least}"
                )
    recorder.note(rule.rule, Verdict.NOTHING, detail)


def joined(parts: Sequence[Wording]) -> Wording:
    """Several texts one after the other."""
    return Wording("؛ ".join(part.fa for part in parts), "; ".join(part.en for part in parts))
