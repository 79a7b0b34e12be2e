"""The handbook's ranges, and that it leaves nothing out."""

import re
from pathlib import Path

import pytest

from protocol.spec import load_spec
from tools.generators.handbook import golden_examples, handbook

ROOT = Path(__file__).parents[2]
SPEC = load_spec("vafa")
VECTORS = (ROOT / "tests/vectors/messages.json").read_text("utf-8")
PAGE = handbook(SPEC, golden_examples(SPEC, VECTORS))

_ROW = re.compile(r"^\| (\d+)(?:-(\d+))? \| `([0-9a-f]+)` \|", re.MULTILINE)


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/messages.md").read_text("utf-8") == PAGE, "stale: python -m tools.generators"
    assert handbook(SPEC, golden_examples(SPEC, VECTORS)) == PAGE


def test_every_type_has_an_example_whose_ranges_are_its_bytes() -> None:
    sections = re.split(r"^## (?=\d{4}$)", PAGE, flags=re.MULTILINE)[1:]
    assert [section[:4] for section in sections] == sorted(SPEC.messages)
    for section in sections:
        example = section.partition("\n### Example")[2].partition("\n## ")[0]
        block = re.search(r"```text\n(.*?)\n```", example, re.DOTALL)
        assert block is not None
        payload = bytes.fromhex("".join(line[6:] for line in block[1].splitlines()))
        assert payload.hex() in VECTORS
        covered: set[int] = set()
        for first, last, raw in _ROW.findall(example):
            content = bytes.fromhex(raw)
            start = int(first)
            end = int(last or first) + 1
            assert payload[start : start + len(content)] == content
            assert len(content) <= end - start
            assert covered.isdisjoint(range(start, start + len(content)))
            covered.update(range(start, start + len(content)))
        assert covered == set(range(len(payload)))


def test_every_field_tag_and_code_is_there() -> None:
    for number, field in SPEC.fields.items():
        assert f"| {number} | `{field.name}` |" in PAGE
    for tag, entry in SPEC.tags.items():
        assert f"| {tag} | `{entry.name}` |" in PAGE
    for code, response in SPEC.response_codes.items():
        assert f"| {code} | `{response.name}` | {response.title.en} | {response.title.fa} |" in PAGE


def test_a_type_without_an_example_is_refused() -> None:
    with pytest.raises(ValueError, match="no golden message shows type 0100"):
        handbook(SPEC, [])
