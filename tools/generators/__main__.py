"""Writes every generated file, or with --check only says which are stale (exit code 1)."""

import sys
from pathlib import Path

from protocol.spec import load_spec
from tools.generators.card_layout import card_layout
from tools.generators.handbook import golden_examples, handbook
from tools.generators.load_plan_schema import load_plan_schema
from tools.generators.message_spec_schema import message_spec_schema
from tools.generators.metrics_table import with_metrics_table
from tools.generators.mip_package import mip_package
from tools.generators.rule_set_schema import rule_set_schema
from tools.generators.script_schema import script_schema
from tools.generators.spec_json import spec_json
from tools.generators.terminal_spec_table import terminal_spec_table
from tools.generators.wallet_tables import with_wallet_tables

ROOT = Path(__file__).resolve().parents[2]


def generated_files() -> dict[Path, str]:
    """What each generated file should hold."""
    spec = load_spec("vafa")
    vectors = (ROOT / "tests/vectors/messages.json").read_text("utf-8")
    return {
        ROOT / "protocol/spec/message-spec.schema.json": message_spec_schema(),
        ROOT / "simulator/load/load-plan.schema.json": load_plan_schema(),
        ROOT / "simulator/scripts/script.schema.json": script_schema(),
        ROOT / "switch/rules/rule-set.schema.json": rule_set_schema(),
        ROOT / "firmware/terminal/cards/layout.py": card_layout(),
        ROOT / "firmware/terminal/messages/spec_table.py": terminal_spec_table(spec),
        ROOT / "firmware/package.json": mip_package(),
        ROOT / "docs/examples/terminal_javascript/spec.json": spec_json(spec),
        ROOT / "docs/messages.md": handbook(spec, golden_examples(spec, vectors)),
        ROOT / "docs/bench.md": with_wallet_tables((ROOT / "docs/bench.md").read_text("utf-8")),
        ROOT / "docs/operator.md": with_metrics_table((ROOT / "docs/operator.md").read_text("utf-8")),
    }


def main() -> int:
    """Exit code 0 when everything is current."""
    check = "--check" in sys.argv[1:]
    stale = [
        path
        for path, content in generated_files().items()
        if not path.exists() or path.read_text("utf-8") != content
    ]
    for path in stale:
        if not check:
            path.write_text(generated_files()[path], "utf-8")
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
