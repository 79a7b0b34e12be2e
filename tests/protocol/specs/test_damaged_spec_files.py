"""Whatever stands in a spec file, loading it gives a spec or a SpecFault with places, and nothing else."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import encode, reference
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.spec import SpecDocument, SpecFault, parse_json_spec
from protocol.spec.moov_export import export_moov
from tests.amounts import many

FOLDER = Path(__file__).resolve().parents[2] / "vectors/specs"
DOCUMENTS: dict[str, object] = {
    "vafa": tomllib.loads(files("protocol.spec").joinpath("vafa.toml").read_text("utf-8")),
    "small": tomllib.loads((FOLDER / "small.toml").read_text("utf-8")),
    **{
        name: json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
        for name in ("moov-ascii", "moov-packed")
    },
}
relaxed = settings(max_examples=many(250), deadline=None, suppress_health_check=list(HealthCheck))
LEAVES: tuple[object, ...] = (
    None,
    True,
    0,
    1,
    65,
    -3,
    10**30,
    1.5,
    "",
    "n",
    "tags",
    "bcd",
    "ascii",
    "fixed",
    "LLL",
    "rest",
    "۱",
    [],
    {},
)


def _places(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _places(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _places(value, (*path, index))


def _damaged(document: object, data: st.DataObject) -> object:
    root = {"root": deepcopy(document)}
    for _ in range(data.draw(st.integers(1, 4))):
        *way, last = data.draw(st.sampled_from([("root", *path) for path in _places(root["root"])]))
        node: object = root
        for key in way:
            assert isinstance(node, dict | list)
            node = node[key]  # type: ignore[index]  # keys of mappings, indexes of lists
        assert isinstance(node, dict | list)
        if data.draw(st.booleans()) and way:
            del node[last]  # type: ignore[arg-type]
        else:
            node[last] = data.draw(st.sampled_from(LEAVES))  # type: ignore[index]
    return root["root"]


def _works(spec: SpecDocument) -> None:
    """A spec that loads can be compiled by both codecs, and exported or refused."""
    message = Message("0100", {11: "000001"})
    try:
        payload = encode(spec, message)
    except ProtocolFault:
        pass
    else:
        assert reference.encode(spec, message) == payload
    with suppress(SpecFault):
        parse_json_spec(export_moov(spec), "again.json")


@pytest.mark.parametrize("name", DOCUMENTS)
@relaxed
@given(data=st.data())
def test_a_damaged_document_gives_a_spec_or_faults_with_places(name: str, data: st.DataObject) -> None:
    text = json.dumps(_damaged(DOCUMENTS[name], data))
    try:
        spec = parse_json_spec(text, "damaged.json")
    except SpecFault as fault:
        assert fault.faults
        assert all(fault.faults)
    else:
        _works(spec)


@relaxed
@given(st.text(max_size=60))
def test_any_text_is_refused_as_a_spec(text: str) -> None:
    with pytest.raises(SpecFault):
        parse_json_spec(text, "any.json")
