"""Scripts as data: what is accepted, what is refused and how, and the published schema."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scripts import Script, ScriptFault, parse_script
from simulator.scripts.loading import checked_script
from tools.generators.script_schema import script_schema

HEAD: dict[str, object] = {"format": 1, "title": {"en": "A script", "fa": "سناریو"}, "as": "terminal"}
TOML_HEAD = 'format = 1\nas = "terminal"\ntitle = { en = "A script", fa = "سناریو" }\n'

_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_KEYS = st.sampled_from(["amount", "4", "points_earned", "DF01", "nothing", "999", "{", "rrn"])
_VALUES = st.sampled_from(
    ["1", "{sale.rrn}", "{", "{a b}", 7, -1, {"is": 1}, {"capture": "x"}, {"absent": True, "is": 1}]
)
_STEPS = st.fixed_dictionaries(
    {
        "do": st.sampled_from(
            ["connect", "send", "expect", "each", "silence", "answer", "raw", "jump", "echo"]
        )
    },
    optional={
        "message": st.sampled_from(["0200", "0210", "0201", "0999", "x"]),
        "fields": st.dictionaries(_KEYS, _VALUES, max_size=2),
        "tags": st.dictionaries(_KEYS, _VALUES, max_size=2),
        "for_ms": st.sampled_from([0, 10, -1, 10**9]),
        "hex": st.sampled_from(["00", "0", "zz", ""]),
        "fault": st.sampled_from(
            [{"kind": "drop"}, {"kind": "delay"}, {"kind": "delay", "ms": 1}, {"kind": "?"}]
        ),
        "steps": st.just([{"do": "disconnect"}]),
        "table": st.just("rows"),
    },
)


@given(
    document=st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["steps", "as", "title"]), _TREES, max_size=5
    )
)
def test_any_document_is_a_script_or_a_fault(document: dict[str, object]) -> None:
    try:
        checked_script({**HEAD, **document}, "any")
    except ScriptFault as fault:
        assert fault.faults and all(fault.faults)


@given(steps=st.lists(_STEPS, max_size=4))
def test_any_steps_are_a_script_or_a_fault(steps: list[dict[str, object]]) -> None:
    try:
        script = checked_script({**HEAD, "steps": steps}, "steps")
    except ScriptFault as fault:
        assert fault.faults
    else:
        again = Script.model_validate(script.model_dump(by_alias=True, exclude_unset=True))
        assert again == script


@given(text=st.text(max_size=60))
def test_any_text_is_a_script_or_a_fault(text: str) -> None:
    with pytest.raises(ScriptFault):
        parse_script(text, "text")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ('do = "send"\nmessage = "0200"\nfields = { amont = 1 }', "no field has the number or name amont"),
        ('do = "send"\nmessage = "0200"\ntags = { point = 1 }', "no tag has the name point"),
        ('do = "send"\nmessage = "0700"', "the spec has no message 0700"),
        ('do = "send"\nmessage = "0200"\nfields = { amount = "{sale rrn}" }', "a brace that is no reference"),
        ('do = "send"\nmessage = "0200"\nlike = "a"\nreverses = "b"', "exclude each other"),
        ('do = "answer"', "only a script that is the switch does this"),
        ('do = "each"\ntable = "rows"\nsteps = [{ do = "disconnect" }]', "no table has the name rows"),
        ('do = "each"\nsteps = [{ do = "disconnect" }]', "either a table, or a number"),
        ('do = "wait"\nfor_ms = 600001', "steps.0.wait.for_ms"),
        ('do = "dance"', "steps.0"),
    ],
    ids=lambda text: text.splitlines()[-1][:40],
)
def test_faults_name_their_place(step: str, told: str) -> None:
    with pytest.raises(ScriptFault) as caught:
        parse_script(f"{TOML_HEAD}[[steps]]\n{step}\n", "script.toml")
    assert told in str(caught.value)
    assert str(caught.value).startswith("script.toml: 1 fault in the script")


def test_loops_are_not_nested_for_ever() -> None:
    inner: dict[str, object] = {"do": "disconnect"}
    for _ in range(5):
        inner = {"do": "each", "number": "n", "last": 1, "steps": [inner]}
    with pytest.raises(ScriptFault, match="nested deeper"):
        checked_script({**HEAD, "steps": [inner]}, "deep")


def test_the_published_schema_is_current() -> None:
    text = files("simulator.scripts").joinpath("script.schema.json").read_text("utf-8")
    assert text == script_schema(), "stale: python -m tools.generators"
    assert "send" in json.dumps(json.loads(text)["$defs"]["Send"])
