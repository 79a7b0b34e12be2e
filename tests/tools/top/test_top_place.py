"""Where a token is taken from, and where it is never sent."""

from pathlib import Path

import pytest

from tools.top.fault import TopFault
from tools.top.place import place

NONE = Path("none")


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "feed.token"
    path.write_text("a-token\n")
    return path


@pytest.mark.parametrize("host", ["127.0.0.1:7584", "localhost:7584", "[::1]:7584"])
def test_the_token_of_this_machine_goes_to_this_machine(host: str, token: Path) -> None:
    found = place(f"http://{host}/", None, None, own_token_file=token)
    assert (found.url, found.token, found.tls) == (f"http://{host}", "a-token", None)
    assert place(f"http://{host}", None, None, own_token_file=NONE).token is None


def test_it_goes_nowhere_else(token: Path) -> None:
    assert place("https://switch.example", None, None, own_token_file=token).token is None


def test_a_token_is_not_sent_without_tls(token: Path) -> None:
    with pytest.raises(TopFault, match="https:// only"):
        place("http://switch.example:7584", token, None, own_token_file=NONE)
    found = place("https://switch.example/vafa", token, None, own_token_file=NONE)
    assert found.token == "a-token" and found.tls is not None
    assert found.tls.check_hostname


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://a",
        "http://",
        "http://a:99999",
        "http://u:p@a",
        "http://a?b",
        "http://a#b",
        "http://[",
    ],
)
def test_what_is_no_place_is_said(url: str) -> None:
    with pytest.raises(TopFault) as fault:
        place(url, None, None, own_token_file=NONE)
    assert "p@" not in str(fault.value)


def test_a_file_that_has_no_token_is_named(tmp_path: Path) -> None:
    for content in (b"", b"\xff", b"two\nlines", None):
        path = tmp_path / "token"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(TopFault, match=str(path)):
            place("http://127.0.0.1", path, None, own_token_file=NONE)


def test_a_file_that_has_no_issuer_is_named(tmp_path: Path, token: Path) -> None:
    for path in (tmp_path / "missing.pem", token):
        with pytest.raises(TopFault, match=str(path)):
            place("https://a", None, path, own_token_file=NONE)
