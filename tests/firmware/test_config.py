"""Parameters are checked once, and a wrong one is named."""

import pytest
from terminal.system.config import Config, ConfigFault

GOOD: dict[str, object] = {
    "terminal_id": "VAFA0001",
    "merchant_id": "SHOP1",
    "switch_host": "127.0.0.1",
    "switch_port": 7000,
}


def test_defaults() -> None:
    config = Config(GOOD)
    assert config.response_timeout_ms == 10000
    assert config.languages == ["fa", "en"]
    assert config.local_offset_minutes == 210
    assert config.paper_mm == 58


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("terminal_id", "SHORT"),
        ("terminal_id", 12345678),
        ("merchant_id", ""),
        ("merchant_id", "x" * 16),
        ("merchant_name_en", "two\nlines"),
        ("switch_port", 0),
        ("switch_port", "7000"),
        ("switch_port", True),
        ("response_timeout_ms", -1),
        ("languages", []),
        ("languages", ["fr"]),
        ("languages", "fa"),
        ("paper_mm", 72),
        ("paper_mm", "58"),
    ],
)
def test_a_wrong_parameter_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigFault, match=name):
        Config({**GOOD, name: value})


@pytest.mark.parametrize("name", ["terminal_id", "merchant_id", "switch_host", "switch_port"])
def test_a_missing_parameter_is_named(name: str) -> None:
    with pytest.raises(ConfigFault, match=name):
        Config({key: value for key, value in GOOD.items() if key != name})
