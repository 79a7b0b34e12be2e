"""Generated files are current."""

from tools.generators.__main__ import generated_files, leftovers


def test_generated_files_are_current() -> None:
    files = generated_files()
    assert leftovers(files) == []
    for path, content in files.items():
        assert path.read_text("utf-8") == content, f"{path.name} is stale: python -m tools.generators"
