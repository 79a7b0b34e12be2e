"""The words of conditions in explanations: what a test wants, and what was found."""

from collections.abc import Sequence

from switch.rules.conditions import ItemTest, NumberSource, NumberTest, Operator, SetTest, TextTest
from switch.rules.evaluator.traces import Wording
from switch.rules.facts import (
    ITEM_NAMES,
    NUMBER_NAMES,
    SET_NAMES,
    TEXT_NAMES,
    SetDimension,
)
from switch.rules.table import DeclaredCounter, Programme

_TEXTS = {dimension: name for name, dimension in TEXT_NAMES.items()}
_NUMBERS = {int(dimension): name for name, dimension in NUMBER_NAMES.items()}
_SETS = {dimension: name for name, dimension in SET_NAMES.items()}
_ITEMS = {dimension: name for name, dimension in ITEM_NAMES.items()}
_NAMES_FA = {
    "channel": "کانال",
    "merchant": "پذیرنده",
    "branch": "شعبه",
    "terminal": "پایانه",
    "guild": "صنف",
    "sector": "بخش",
    "city": "شهر",
    "operator": "متصدی",
    "card.type": "نوع کارت",
    "member.status": "وضعیت عضو",
    "tier": "سطح",
    "group": "گروه",
    "organisation": "سازمان",
    "club_level": "ردهٔ باشگاه",
    "enrol_channel": "کانال عضویت",
    "risk_class": "ردهٔ ریسک",
    "entry_mode": "روش خواندن کارت",
    "code": "کد",
    "event": "رویداد",
    "amount": "مبلغ",
    "net_amount": "مبلغ خالص",
    "points_paid": "سهم پرداخت از کیف (در هزار)",
    "basket.lines": "تعداد سطرها",
    "basket.quantity": "تعداد کالاها",
    "days_since_last": "روز از آخرین خرید",
    "enrolled_days": "روز از عضویت",
    "birthday_distance": "روز تا تولد",
    "referral.depth": "عمق معرفی",
    "date": "تاریخ میلادی",
    "weekday": "روز هفته",
    "minute": "دقیقهٔ روز",
    "month": "ماه میلادی",
    "day": "روز ماه میلادی",
    "jalali.date": "تاریخ",
    "jalali.month": "ماه",
    "jalali.day": "روز ماه",
    "segment": "بخش‌های عضو",
    "agreement": "توافق‌نامه‌ها",
    "item.sku": "کالا",
    "item.category": "دستهٔ کالا",
    "item.label": "برچسب کالا",
}
_UNKNOWN = Wording("نامعلوم", "unknown")


def none_of(parts: Sequence[Wording]) -> Wording:
    """Alternatives that all failed."""
    return Wording(
        f"هیچ‌کدام برقرار نیست: [{' | '.join(part.fa for part in parts)}]",
        f"None holds: [{' | '.join(part.en for part in parts)}]",
    )


def any_of(parts: Sequence[Wording]) -> Wording:
    """Alternatives."""
    return Wording(" یا ".join(part.fa for part in parts), " or ".join(part.en for part in parts))


def all_of(parts: Sequence[Wording]) -> Wording:
    """Parts that belong together."""
    return Wording(" و ".join(part.fa for part in parts), " and ".join(part.en for part in parts))


def must_not_hold(part: Wording) -> Wording:
    """Something that holds and shouldn't."""
    return Wording(f"نباید برقرار باشد: [{part.fa}]", f"Must not hold: [{part.en}]")


def text_test(test: TextTest, found: str) -> Wording:
    """A text and the values that it may or may not have."""
    value = Wording(found, found) if found else _UNKNOWN
    return _sentence(_TEXTS[test.dimension], value, _among(test.operator, test.values))


def number_test(test: NumberTest, found: int | None, counters: Sequence[DeclaredCounter]) -> Wording:
    """A number and its bounds."""
    value = _UNKNOWN if found is None else Wording(str(found), str(found))
    if test.operator == Operator.EXISTS:
        wanted = Wording("معلوم باشد", "known")
    elif test.operator == Operator.NOT_EQUAL:
        wanted = Wording(f"جز {test.low} باشد", f"other than {test.low}")
    elif test.low == test.high:
        wanted = Wording(f"{test.low} باشد", f"{test.low}")
    elif test.high is None:
        wanted = Wording(f"دست‌کم {test.low} باشد", f"at least {test.low}")
    elif test.low is None:
        wanted = Wording(f"حداکثر {test.high} باشد", f"at most {test.high}")
    else:
        wanted = Wording(f"از {test.low} تا {test.high} باشد", f"{test.low} to {test.high}")
    if test.source == NumberSource.BALANCE:
        name = f"balance.{test.index}"
    elif test.source == NumberSource.METRIC:
        name = f"metric.{test.name}"
    elif test.source == NumberSource.COUNTER:
        name = f"counter.{counters[test.index].counter_id}"
    else:
        name = _NUMBERS[test.index]
    return _sentence(name, value, wanted)


def set_test(test: SetTest, found: int, programme: Programme) -> Wording:
    """A set of names and those that it has to have."""
    declared = programme.segments if test.dimension == SetDimension.SEGMENT else programme.agreements
    names = _names(found, declared)
    value = Wording("، ".join(names), ", ".join(names)) if names else Wording("هیچ", "none")
    return _sentence(_SETS[test.dimension], value, _among(test.operator, _names(test.mask, declared)))


def item_test(test: ItemTest, found: Sequence[str]) -> Wording:
    """The articles of a basket and those that one line, or all lines, have to have."""
    value = Wording("، ".join(found), ", ".join(found)) if found else Wording("هیچ", "none")
    values_fa, values_en = "، ".join(test.values), ", ".join(test.values)
    if test.operator == Operator.ALL_LINES:
        wanted = Wording(f"همهٔ سطرها از {values_fa} باشند", f"all lines of {values_en}")
    else:
        wanted = Wording(f"سطری از {values_fa} باشد", f"a line of {values_en}")
    return _sentence(_ITEMS[test.dimension], value, wanted)


def _among(operator: Operator, values: Sequence[str]) -> Wording:
    fa, en = "، ".join(values), ", ".join(values)
    if operator == Operator.EXISTS:
        return Wording("معلوم باشد", "known")
    if operator == Operator.NOT_IN:
        return Wording(f"جز {fa} باشد", f"none of {en}")
    if operator == Operator.HAS_ALL:
        return Wording(f"همهٔ {fa} باشد", f"all of {en}")
    return Wording(f"یکی از {fa} باشد", f"one of {en}")


def _names(mask: int, declared: Sequence[tuple[str, int]]) -> list[str]:
    names = {bit: name for name, bit in declared}
    return [names.get(bit, str(bit)) for bit in range(mask.bit_length()) if mask >> bit & 1]


def _sentence(name: str, found: Wording, wanted: Wording) -> Wording:
    return Wording(
        f"{_NAMES_FA.get(name, name)} {found.fa} است؛ باید {wanted.fa}",
        f"{name} is {found.en}; wanted {wanted.en}",
    )
