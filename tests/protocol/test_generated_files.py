"""Generated files are current."""

from tools.generators.__main__ import generated_files


def test_generated_files_are_current() -> None:
    for path, content in generated_files().items():
        assert path.read_text("utf-8") == content, f"{path.name} is stale: python -m tools.generators"
