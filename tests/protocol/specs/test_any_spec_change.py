"""Whatever single change is made between two specs, it is found; what is called compatible is read."""

import json
from collections.abc import Iterator
from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.message import Message
from protocol.spec import SpecDocument, load_spec
from protocol.spec.compatibility import compare
from protocol.spec.schema import FieldSpec
from tests.amounts import many
from tests.protocol.specs.any_values import values
from tests.protocol.specs.spec_changes import OK, Node, direction, field, reads, spec


def _leaves(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path


WHOLE = json.loads(load_spec("vafa").model_dump_json())
LEAVES = [path for path in _leaves(WHOLE) if path[0] != "format"]


@settings(max_examples=many(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(LEAVES), data=st.data())
def test_any_single_change_that_makes_another_spec_is_found(
    path: tuple[str, ...], data: st.DataObject
) -> None:
    changed = deepcopy(WHOLE)
    node = changed
    for key in path[:-1]:
        node = node[key]
    old = node[path[-1]]
    others: list[object] = [
        None,
        True,
        "other",
        "ans",
        "ascii",
        "binary",
        "fixed",
        "LLL",
        "right",
        "left",
        "wipe",
    ]
    if isinstance(old, int):
        others += [old + 1, old + 2, old - 1]
    if isinstance(old, list):
        others = [old[:-1], [*old, 2], [*old, 4], [[2, 35, 11]], []]
    node[path[-1]] = data.draw(st.sampled_from(others))
    try:
        new = SpecDocument.model_validate(changed)
    except ValueError:
        return
    one = load_spec("vafa")
    found = compare(one, new)
    assert bool(found) == (new != one)
    if found and path[0] == "fields":
        assert {change.path for change in found} == {f"fields.{path[1]}"}
    mirrored = [
        (change.path, change.axis, change.new_to_old, change.old_to_new) for change in compare(new, one)
    ]
    assert mirrored == [(change.path, change.axis, change.old_to_new, change.new_to_old) for change in found]


def _scalars() -> st.SearchStrategy[Node]:
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["n", "an", "ans", "z", "text", "b"]),
            "encoding": st.sampled_from(["bcd", "ascii", "ebcdic", "ebcdic1047", "utf8", "binary", "hex"]),
            "length": st.sampled_from(["fixed", "L", "LL", "LLL"]),
            "size": st.sampled_from([2, 3, 6, 8]),
            "unit": st.sampled_from(["digits", "bytes"]),
            "length_encoding": st.sampled_from([None, "bcd", "binary", "ebcdic", "ebcdic1047"]),
            "pad": st.sampled_from([None, "left", "right"]),
        },
        optional={"justify": st.sampled_from(["left", "right"]), "fill": st.sampled_from(["0", "1"])},
    )


def _valid(axes: Node) -> bool:
    try:
        FieldSpec.model_validate(field(**axes))
    except ValueError:
        return False
    return True


@settings(max_examples=many(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(before=_scalars().filter(_valid), changed=_scalars(), data=st.data())
def test_whatever_is_called_compatible_is_read_as_it_was_written(
    before: Node, changed: Node, data: st.DataObject
) -> None:
    axes = data.draw(st.lists(st.sampled_from(sorted(changed)), min_size=1, max_size=3, unique=True))
    after = {**before, **{axis: changed[axis] for axis in axes}}
    if not _valid(after):
        return
    old, new = spec(field(**before)), spec(field(**after))
    changes = compare(old, new)
    for writer, reader, forth in ((old, new, True), (new, old, False)):
        if direction(changes, forth=forth) == OK:
            message = Message("0100", {48: data.draw(values(writer.fields[48], writer))})
            assert reads(writer, reader, message)
