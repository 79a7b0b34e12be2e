"""What a real switch tells has no other label values than docs/metrics.md lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from switch.metrics.catalogue import Metric
from tests.switch.upstream.scripted_partner import ScriptedPartner, upstream_file

if TYPE_CHECKING:
    from tests.switch.conftest import Connect, SwitchAt

CANDIDATE = Path(__file__).resolve().parents[3] / "docs/examples/rules/earn-01-points-by-amount.toml"


def test_values_are_those_of_the_catalogue(switch_at: SwitchAt, connect: Connect, tmp_path: Path) -> None:
    links = tmp_path / "links.toml"
    links.write_text(
        '[[links]]\nname = "north"\nrole = "client"\n'
        'addresses = ["127.0.0.1:1"]\necho_terminal_id = "CONC0001"\n'
    )
    with ScriptedPartner() as partner:
        switch = switch_at().start(
            upstream_file=upstream_file(tmp_path, partner), links_file=links, candidate_rules_file=CANDIDATE
        )
        link = connect(switch)
        link.sign_on("HOST0001")
        page = switch.get("/metrics")[1].decode()
    told = {metric.full_name: metric.value for metric in Metric}
    seen: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(page):
        name = family.name + ("_total" if family.type == "counter" else "")
        assert family.documentation == told[name].help
        for sample in family.samples:
            given = {key: value for key, value in sample.labels.items() if key != "le"}
            assert set(given) == {label.name for label in told[name].labels}, sample
            for label in told[name].labels:
                assert not label.values or given[label.name] in label.values, sample
                seen.setdefault(f"{name} {label.name}", set()).add(given[label.name])
    # Outcomes are told from the start, all of them.
    for name, definition in told.items():
        for label in definition.labels:
            if label.name == "outcome":
                assert seen[f"{name} outcome"] == set(label.values), name
