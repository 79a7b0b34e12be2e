"""Rule documents with one fault each, and what must be told of it."""

from tests.switch.rules.rule_files import POINTS_BY_AMOUNT, TENDER, Json, burn, cost, discount, earn, rule

DENY: Json = {"type": "deny", "code": "57", "text": {"fa": "نه", "en": "no"}}
MULTIPLIER: Json = {"type": "earn", "purse": "points", "calc": {"mode": "multiplier", "give": 2, "per": 1}}
CONVERT: Json = {
    "type": "convert",
    "purse": "points",
    "target": "credit",
    "calc": {"mode": "rate", "give": 900, "per": 1},
}
CAP: Json = {"of": "units", "per": "member", "window": "day", "limit": 10}


def effect(**parts: object) -> list[Json]:
    return [{**POINTS_BY_AMOUNT, **parts}]


def when(f: str, op: str, v: object = None) -> Json:
    return rule(when={"f": f, "op": op} if v is None else {"f": f, "op": op, "v": v})


# A rule with one fault, and what is told of it.
WRONG_RULES: list[tuple[Json, str]] = [
    (rule(rule_id="r-1"), "r-1: rule_id"),
    (rule(version=0), "R-1: version"),
    (rule(version=True), "R-1: version"),
    (rule(version="1"), "R-1: version"),
    (rule(priority=1.0), "R-1: priority"),
    (rule(priority=65_536), "R-1: priority"),
    (rule(status="live"), "R-1: status"),
    (rule(kind="event"), "R-1: kind"),
    (rule(nonsense=1), "R-1: nonsense: Extra inputs"),
    (rule(version=3, revision_of=3), "R-1: revision_of: a revision has a higher version"),
    (rule(name={"fa": "", "en": "x"}), "R-1: name.fa"),
    (rule(member_text={"fa": "x" * 161, "en": ""}), "R-1: member_text.fa"),
    (rule(member_text={"fa": "ن" * 81, "en": ""}), "160 bytes"),
    (rule(member_text={"fa": "a\nb", "en": ""}), "R-1: member_text.fa"),
    (rule(trigger=[]), "R-1: trigger"),
    (rule(trigger="sale"), "R-1: trigger"),
    (rule(trigger="custom:"), "R-1: trigger"),
    (rule(trigger=["visit", "visit"]), "R-1: trigger: a trigger stands twice"),
    (rule(trigger="burn_request"), "R-1: trigger: burn_request stands alone"),
    (rule(trigger="conversion"), "R-1: trigger: kind earn doesn't look at conversions"),
    (burn(trigger="purchase"), "B-1: trigger: kind burn has trigger burn_request"),
    (
        rule(kind="gate", trigger=["purchase", "burn_request"], effects=[DENY]),
        "R-1: trigger: burn_request stands alone",
    ),
    (discount(trigger="visit"), "D-1: trigger: kind discount has trigger purchase or burn_request"),
    (rule(kind="convert", effects=[CONVERT]), "R-1: trigger: kind convert has trigger conversion"),
    (rule(effects=[]), "R-1: effects"),
    (rule(effects=effect(type="gift")), "R-1: effects.0.type"),
    (rule(effects=[TENDER]), "R-1: effects.0.type: kind earn has no effect tender"),
    (rule(kind="gift", effects=[cost(1)]), "R-1: effects: a gift gives something"),
    (burn(effects=[TENDER, TENDER]), "B-1: effects.1.purse: purse points already has a tender"),
    (burn(effects=[{**TENDER, "rounding": "floor"}]), "B-1: effects.0: a tender rounds up"),
    (burn(effects=[{**TENDER, "calc": {"mode": "fixed", "give": 1}}]), "no calc of mode fixed"),
    (burn(effects=[{**TENDER, "share_max": 1001}]), "B-1: effects.0.share_max"),
    (burn(basis={"of": "net_after_burn"}), "B-1: basis: kind burn has basis amount"),
    (burn(budget="B"), "B-1: budget: kind burn spends no budget"),
    (burn(stacking={"group": "g"}), "B-1: stacking.group: kind burn is in no group"),
    (rule(effects=effect(purse=None)), "R-1: effects.0: earn needs a purse"),
    (rule(effects=effect(purse="gold")), "R-1: effects.0.purse: there is no purse gold"),
    (rule(effects=effect(calc=None)), "R-1: effects.0: earn needs calc"),
    (rule(effects=effect(calc={"mode": "rate", "give": 1})), "R-1: effects.0.calc: mode rate needs per"),
    (rule(effects=effect(calc={"mode": "rate", "give": 1, "per": 0})), "R-1: effects.0.calc.per"),
    (rule(effects=effect(calc={"mode": "rate", "give": 1.5, "per": 1})), "R-1: effects.0.calc.give"),
    (rule(effects=effect(calc={"mode": "fixed", "give": 1, "per": 2})), "mode fixed has no per"),
    (rule(effects=effect(calc={"mode": "fixed"})), "mode fixed needs give"),
    (rule(effects=effect(calc={"mode": "percent", "give": 2, "per": 10})), "a percent has per = 100"),
    (rule(effects=effect(calc={"mode": "banded"})), "bands are for mode banded"),
    (
        rule(
            effects=effect(calc={"mode": "banded", "bands": [{"from": 5, "give": 1}, {"from": 5, "give": 2}]})
        ),
        "R-1: effects.0.calc: bands rise",
    ),
    (
        rule(effects=effect(calc={"mode": "multiplier", "give": 2, "per": 2})),
        "R-1: effects.0.calc: a multiplier gives more than it is per",
    ),
    (rule(effects=[MULTIPLIER, earn()]), "R-1: effects: a rule multiplies with all its effects or with none"),
    (rule(effects=[MULTIPLIER], stacking={"phase": "bonus"}), "a multiplier has a phase of its own"),
    (rule(kind="gift", effects=[MULTIPLIER]), "only kind earn multiplies"),
    (rule(kind="gift", effects=[earn()], stacking={"phase": "base"}), "a gift is in phase bonus"),
    (discount(stacking={"phase": "bonus"}), "D-1: stacking.phase: kind discount has no phase"),
    (
        discount(effects=[{"type": "discount", "calc": {"mode": "percent", "give": 101}}]),
        "at most 100 percent",
    ),
    (
        discount(effects=[{"type": "discount", "purse": "points", "calc": {"mode": "fixed", "give": 1}}]),
        "D-1: effects.0: discount has no purse",
    ),
    (rule(effects=effect(min=9, max=8)), "R-1: effects.0: min is above max"),
    (rule(effects=effect(step=2)), "R-1: effects.0: earn has no step"),
    (rule(effects=effect(pending="P0D")), "R-1: effects.0.pending"),
    (rule(effects=effect(pending="P1M")), "R-1: effects.0.pending"),
    (rule(effects=effect(expiry={"model": "rolling"})), "period is for a rolling expiry"),
    (rule(effects=effect(expiry={"model": "never", "end": "month"})), "end is for a rolling expiry"),
    (
        rule(effects=effect(expiry={"model": "fixed", "at": "2027-02-29"})),
        "effects.0.expiry.at: there is no day",
    ),
    (rule(effects=effect(to="partner:0")), "R-1: effects.0.to"),
    (rule(effects=effect(to="charity")), "R-1: effects.0.to"),
    (rule(effects=effect(levels=[{"give": 5}])), "levels have amounts of their own"),
    (
        rule(effects=[{"type": "earn", "purse": "points", "levels": [{"give": 5}], "to": "merchant"}]),
        "levels are for introducers",
    ),
    (rule(effects=[{"type": "item"}]), "R-1: effects.0: item needs a reference"),
    (rule(effects=[{"type": "ticket", "reference": "L", "to": "merchant"}]), "ticket is for the member"),
    (
        rule(kind="convert", trigger="conversion", effects=[{**CONVERT, "target": "points"}]),
        "convert needs another purse as target",
    ),
    (rule(kind="gate", effects=[{"type": "deny", "code": "00"}]), "code 00 would approve"),
    (rule(kind="gate", effects=[{"type": "require_pin", "code": "70"}]), "require_pin has no code"),
    (rule(kind="gate", effects=[DENY], caps=[CAP]), "R-1: caps.0.of: a gate counts uses or amount"),
    (rule(caps=[{**CAP, "window": None}]), "R-1: caps.0: window is for all caps"),
    (rule(caps=[{**CAP, "per": "transaction"}]), "R-1: caps.0: window is for all caps"),
    (rule(caps=[{**CAP, "window": "rolling:P400W"}]), "R-1: caps.0.window"),
    (rule(caps=[{**CAP, "limit": 0}]), "R-1: caps.0.limit"),
    (rule(caps=[CAP], effects=[earn(), earn(1, "coins")]), "units of different purses can't be added"),
    (rule(budget="B"), "R-1: budget: there is no budget B"),
    (rule(stacking={"group": "g"}), "R-1: stacking.group: there is no group g"),
    (rule(stacking={"excludes": ["R-9"]}), "R-1: stacking.excludes: there is no rule R-9"),
    (rule(stacking={"requires": ["R-9"]}), "R-1: stacking.requires: there is no rule R-9"),
    (rule(stacking={"requires": ["R-1"]}), "R-1: stacking: a rule neither excludes nor requires itself"),
    (rule(gate={"agreements": ["A"]}), "R-1: gate.agreements: there is no agreement A"),
    (rule(gate={"member_status": ["asleep"]}), "R-1: gate.member_status.0"),
    (rule(schedule={"from": "2026-13-01"}), "R-1: schedule.from: there is no day 2026-13-01"),
    (rule(schedule={"from": "1405-12-30"}), "R-1: schedule.from: there is no day 1405-12-30"),
    (rule(schedule={"from": "1 Farvardin"}), "R-1: schedule.from"),
    (rule(schedule={"from": "2026-01-01T24:30"}), "R-1: schedule.from: there is no time"),
    (rule(schedule={"from": "2026-02-02", "to": "2026-02-01"}), "R-1: schedule: it ends before it begins"),
    (rule(schedule={"windows": [{"days": ["SA"]}]}), "R-1: schedule.windows.0.days.0"),
    (rule(schedule={"windows": [{"from": "25:00"}]}), "R-1: schedule.windows.0.from"),
    (rule(schedule={"blackout": ["1405-01-04..1405-01-01"]}), "R-1: schedule.blackout.0: it ends before"),
    (rule(scope={"branches": [""]}), "R-1: scope.branches.0"),
    (rule(basis={"of": "commission"}), "R-1: basis.of"),
    (rule(basis={"of": "visits", "include": [{"f": "item.sku", "v": ["x"]}]}), "no basket lines to select"),
    (rule(basis={"include": [{"f": "item.price", "v": ["x"]}]}), "R-1: basis.include.0.f"),
    (when("colour", "=", "red"), "R-1: when: there is no fact colour"),
    (when("amount", "has", 1), "R-1: when: amount has no op has"),
    (when("amount", ">=", "lots"), "R-1: when: lots is not a whole number"),
    (when("amount", ">=", 1.5), "R-1: when.v: a value is a whole number, a text or a list of these"),
    (when("amount", ">=", [1]), "R-1: when: op >= takes one value"),
    (when("amount", ">="), "R-1: when: op >= needs v"),
    (when("amount", "exists", 1), "R-1: when: op exists has no v"),
    (when("amount", "between", [2, 1]), "between takes the lowest and the highest value"),
    (when("amount", "between", [1, 2, 3]), "between takes the lowest and the highest value"),
    (when("amount", "in", ["x"]), "R-1: when: x is not a whole number"),
    (when("city", "in", [1]), "R-1: when: city is compared with texts"),
    (when("city", "in", []), "R-1: when.v"),
    (when("city", "<", "a"), "R-1: when: city has no op <"),
    (when("date", "=", "1405-01-01"), "1405-01-01 is not of the gregorian calendar"),
    (when("jalali.date", "=", "2026-01-01"), "2026-01-01 is not of the jalali calendar"),
    (when("jalali.date", "=", "1405-12-30"), "there is no day 1405-12-30"),
    (when("date", "=", 20260101), "20260101 is not a date"),
    (when("minute", "=", "24:00"), "24:00 is not a whole number"),
    (when("minute", "=", 1440), "1440 is not between 0 and 1439"),
    (when("weekday", "in", ["SAT", "XXX"]), "XXX is not a whole number"),
    (when("jalali.month", "=", 13), "13 is not between 1 and 12"),
    (when("segment", "has", "vip"), "R-1: when: there is no segment vip"),
    (when("agreement", "has_all", ["a"]), "R-1: when: there is no agreement a"),
    (when("balance.gold", ">", 1), "R-1: when: there is no purse gold"),
    (when("counter.visits", ">", 1), "R-1: when: there is no counter visits"),
    (when("metric.Miles", ">", 1), "Miles is no name of a metric"),
    (when("item.sku", "exists"), "item.sku has no op exists"),
    (rule(when={}), "R-1: when: a condition is {all}, {any}, {not} or a test {f, op, v}"),
    (rule(when={"all": []}), "R-1: when.all"),
    (rule(when={"all": [{"not": {"f": "amount", "op": "=", "v": "x"}}]}), "R-1: when.all.0.not: x is not"),
    (rule(when={"any": [{"f": "amount", "op": "=", "v": 1}], "all": []}), "R-1: when.any: Extra"),
]


PURSE: Json = {"code": 91, "name": "points", "title": {"fa": "ا", "en": "p"}}
BUDGET: Json = {"id": "B", "amount": 10, "unit": "units"}
WRONG_HEADS: list[tuple[Json, str]] = [
    ({"format": 1}, "rule set: format"),
    ({"programme": "Not a name"}, "rule set: programme"),
    ({"time_zone": "Asia/Atlantis"}, "time zone Asia/Atlantis is unknown"),
    ({"time_zone": "../etc/passwd"}, "is unknown"),
    ({"calendar": "lunar"}, "rule set: calendar"),
    ({"colour": 1}, "rule set: colour: Extra"),
    ({"purses": []}, "rule set: purses"),
    ({"purses": [{**PURSE, "code": 59}]}, "rule set: purses.0.code"),
    ({"purses": [PURSE, {**PURSE, "code": 90}]}, "purses: purse points stands twice"),
    ({"purses": [PURSE, {**PURSE, "name": "x"}]}, "purses: purse with code 91 stands twice"),
    ({"purses": [{**PURSE, "value": {"give": 1, "per": 0}}]}, "rule set: purses.0.value.per"),
    ({"segments": {"a": 1, "b": 1}}, "segments: two names have the same bit"),
    ({"segments": {"a": 256}}, "rule set: segments.a"),
    ({"agreements": {"bad name": 1}}, "rule set: agreements"),
    (
        {"tiers": {"purse": "gold", "levels": [{"name": "a", "from": 0}]}},
        "tiers.purse: there is no purse gold",
    ),
    ({"tiers": {"purse": "points", "levels": [{"name": "a", "from": 1}]}}, "levels rise, the first from 0"),
    (
        {"tiers": {"purse": "points", "levels": [{"name": "a", "from": 0}, {"name": "a", "from": 1}]}},
        "two levels have the same name",
    ),
    ({"groups": [{"name": "base", "mode": "first"}]}, "groups: group base stands twice"),
    ({"budgets": [BUDGET, BUDGET]}, "budgets: budget B stands twice"),
    ({"budgets": [{**BUDGET, "funded_by": [{"party": "merchant", "share": 999}]}]}, "shares sum to 1000"),
    (
        {"budgets": [{**BUDGET, "funded_by": [{"party": "partner", "share": 1000}]}]},
        "number is for a partner",
    ),
    (
        {"budgets": [{**BUDGET, "funded_by": [{"party": "merchant", "share": 500}] * 2}]},
        "a funder stands twice",
    ),
    (
        {"limits": [{"purse": "x", "of": "units", "per": "member", "window": "day", "limit": 1}]},
        "limits.0.purse",
    ),
    ({"limits": [{"purse": "points", "of": "uses", "per": "member", "limit": 1}]}, "rule set: limits.0.of"),
    (
        {"limits": [{"purse": "points", "of": "units", "per": "member", "limit": 1}]},
        "window is for all limits",
    ),
    ({"counters": [{"id": "c", "of": "visits", "per": "transaction", "window": "day"}]}, "counters.0.per"),
    (
        {"counters": [{"id": "c", "of": "visits", "per": "member", "window": "day"}] * 2},
        "counters: counter c stands twice",
    ),
    (
        {
            "counters": [
                {
                    "id": "c",
                    "of": "visits",
                    "per": "member",
                    "window": "day",
                    "when": {"f": "x", "op": "exists"},
                }
            ]
        },
        "rule set: counters.0.when: there is no fact x",
    ),
    ({"rules": [rule(), rule()]}, "R-1: id stands twice"),
    ({"simple": [{"rule_id": "R-1", "text": "10% off"}], "rules": [rule()]}, "R-1: id stands twice"),
]
