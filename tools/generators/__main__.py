"""Writes every generated file, or with --check only says which are stale (exit code 1)."""

import sys
from collections.abc import Iterable
from pathlib import Path

from host_api.core.application import openapi_document
from protocol.spec import load_spec
from tools.generators.alarms_page import alarms_page
from tools.generators.api_client.package import client_files
from tools.generators.card_layout import card_layout
from tools.generators.handbook import golden_examples, handbook
from tools.generators.load_plan_schema import load_plan_schema
from tools.generators.message_spec_schema import message_spec_schema
from tools.generators.metrics_page import metrics_page
from tools.generators.mip_package import mip_package
from tools.generators.receipt_texts import receipt_texts
from tools.generators.rule_set_schema import rule_set_schema
from tools.generators.script_schema import script_schema
from tools.generators.spec_json import spec_json
from tools.generators.terminal_spec_table import terminal_spec_table
from tools.generators.wallet_tables import with_wallet_tables

ROOT = Path(__file__).resolve().parents[2]
_CLIENT = ROOT / "host_api/client"


def generated_files() -> dict[Path, str]:
    """What each generated file should hold."""
    spec = load_spec("vafa")
    vectors = (ROOT / "tests/vectors/messages.json").read_text("utf-8")
    return {
        ROOT / "protocol/spec/message-spec.schema.json": message_spec_schema(),
        ROOT / "simulator/load/load-plan.schema.json": load_plan_schema(),
        ROOT / "simulator/scripts/script.schema.json": script_schema(),
        ROOT / "switch/console/story/receipt_texts.json": receipt_texts(),
        ROOT / "switch/rules/rule-set.schema.json": rule_set_schema(),
        ROOT / "firmware/terminal/cards/layout.py": card_layout(),
        ROOT / "firmware/terminal/messages/spec_table.py": terminal_spec_table(spec),
        ROOT / "firmware/package.json": mip_package(),
        ROOT / "docs/examples/terminal_javascript/spec.json": spec_json(spec),
        ROOT / "docs/messages.md": handbook(spec, golden_examples(spec, vectors)),
        ROOT / "docs/bench.md": with_wallet_tables((ROOT / "docs/bench.md").read_text("utf-8")),
        ROOT / "docs/alarms.md": alarms_page(),
        ROOT / "docs/metrics.md": metrics_page(),
    } | {_CLIENT / name: text for name, text in client_files(openapi_document()).items()}


def leftovers(current: Iterable[Path]) -> list[Path]:
    """Files that the generators made once and don't make any more."""
    folders = (_CLIENT / "models", _CLIENT / "operations")
    return sorted({path for folder in folders for path in folder.glob("*.py")} - {*current})


def main() -> int:
    """Exit code 0 when everything is current."""
    check = "--check" in sys.argv[1:]
    files = generated_files()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    unwanted = leftovers(files)
    for path in stale:
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(files[path], "utf-8")
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
    for path in unwanted:
        if not check:
            path.unlink()
        print(f"{'left over' if check else 'deleted'}: {path.relative_to(ROOT)}")
    return 1 if check and (stale or unwanted) else 0


if __name__ == "__main__":
    sys.exit(main())
