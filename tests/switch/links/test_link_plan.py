"""What an operator may write of links: the settings and the links file."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from switch.gate.link_plan import (
    Address,
    ClientLink,
    LinksFault,
    ServerLink,
    TlsVersion,
    load_links,
    read_address,
)
from switch.gate.named_link import NamedLink
from switch.settings import SwitchSettings
from tests.switch.links.running_gate import LIMITS

WHOLE = """
[[links]]
name = "shops"
role = "server"
address = "0.0.0.0:7683"
[links.tls]
certificate_file = "switch.pem"
key_file = "switch.key"
ca_file = "issuer.pem"
client_certificate = "required"
minimum_version = "1.3"
[links.tls.terminals_by_certificate]
shop-1 = ["T0000001", "T0000002"]
[links.limits]
in_flight_max = 8
idle_timeout_s = 60

[[links]]
name = "north"
role = "client"
addresses = ["concentrator.example:7583", "[::1]:7583"]
echo_terminal_id = "CONC0001"
echo_interval_s = 15
[links.tls]
ca_file = "issuer.pem"
"""


def links_file(directory: Path, text: str, name: str = "links.toml") -> Path:
    path = directory / name
    path.write_text(text)
    return path


def test_a_links_file(tmp_path: Path) -> None:
    shops, north = load_links(links_file(tmp_path, WHOLE)).links
    assert isinstance(shops, ServerLink)
    assert shops.tls is not None
    assert shops.tls.minimum_version is TlsVersion.TLS_1_3
    assert shops.tls.terminals_by_certificate == {"shop-1": frozenset({"T0000001", "T0000002"})}
    limits = shops.limits.over(LIMITS)
    assert limits == LIMITS._replace(in_flight_max=8, idle_timeout_s=60.0)
    assert isinstance(north, ClientLink)
    assert [read_address(text) for text in north.addresses] == [
        Address("concentrator.example", 7583),
        Address("::1", 7583),
    ]
    assert north.limits.over(LIMITS) == LIMITS
    plain = north.model_copy(update={"tls": None})
    patient = NamedLink(plain, LIMITS._replace(sign_on_timeout_s=1.0)).limits
    assert patient.sign_on_timeout_s == patient.idle_timeout_s


def test_json_is_as_good(tmp_path: Path) -> None:
    link = {"name": "local", "role": "server", "address": "127.0.0.1:1"}
    text = json.dumps({"links": [link]})
    (found,) = load_links(links_file(tmp_path, text, "links.json")).links
    assert (found.name, found.tls) == ("local", None)
    assert load_links(links_file(tmp_path, "")).links == ()


LOCAL = 'name = "local"\nrole = "server"\n'
DIALLED = 'name = "north"\nrole = "client"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'[[links]]\n{LOCAL}address = "0.0.0.0:1"', "wants tls"),
        (f'[[links]]\n{LOCAL}address = "192.0.2.1:1"', "wants tls"),
        (f'[[links]]\n{DIALLED}addresses = ["127.0.0.1:1", "192.0.2.1:1"]', "wants tls"),
        (f'[[links]]\n{DIALLED}addresses = ["north.example:1"]', "wants tls"),
        (f"[[links]]\n{DIALLED}addresses = []", "addresses"),
        (f'[[links]]\n{LOCAL}address = "::1:1"', "brackets"),
        (f'[[links]]\n{LOCAL}address = "127.0.0.1"', "no host:port"),
        (f'[[links]]\n{LOCAL}address = "127.0.0.1:65536"', "no host:port"),
        (f'[[links]]\n{LOCAL}address = "127.0.0.1:1"\n' * 2, "local is there twice"),
        (f'[[links]]\n{LOCAL}address = "127.0.0.1:1"\nport = 7', "port"),
        (f'[[links]]\n{LOCAL}address = "127.0.0.1:1"\n[links.limits]\nin_flight_max = 0', "in_flight_max"),
        (f'[[links]]\n{LOCAL}address = "127.0.0.1:1"\nterminals = ["T00000001"]', "terminals"),
        ('[[links]]\nname = "UPPER"\nrole = "server"\naddress = "127.0.0.1:1"', "name"),
        ('[[links]]\nname = "x"\nrole = "peer"', "role"),
        ("[[links]", "links.toml"),
        (
            f'[[links]]\n{LOCAL}address = "127.0.0.1:1"\n[links.tls]\ncertificate_file = "a"\n'
            'key_file = "b"\nclient_certificate = "required"',
            "belong together",
        ),
        (
            f'[[links]]\n{LOCAL}address = "127.0.0.1:1"\n[links.tls]\ncertificate_file = "a"\n'
            'key_file = "b"\n[links.tls.terminals_by_certificate]\nx = ["T1"]',
            "wants client certificates",
        ),
        (
            f'[[links]]\n{DIALLED}addresses = ["x:1"]\n[links.tls]\nca_file = "a"\nkey_file = "b"',
            "belong together",
        ),
    ],
)
def test_wrong_files_are_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = links_file(tmp_path, text)
    with pytest.raises(LinksFault, match=told) as refusal:
        load_links(path)
    assert str(refusal.value).startswith(f"links file {path}: ")
    assert len(str(refusal.value).splitlines()) == 1


def test_a_missing_file_and_one_in_no_text(tmp_path: Path) -> None:
    with pytest.raises(LinksFault, match="No such file"):
        load_links(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(LinksFault, match=r"bytes\.toml"):
        load_links(tmp_path / "bytes.toml")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"bind_address": "0.0.0.0"}, "without TLS only a loopback address"),
        ({"operations_address": "0.0.0.0"}, "only a loopback address"),
        ({"tls_certificate_file": "a"}, "belong together"),
        ({"tls_key_file": "a"}, "belong together"),
        ({"tls_ca_file": "a"}, "want tls_certificate_file"),
        ({"tls_client_certificate": "required"}, "want tls_certificate_file"),
        ({"tls_certificate_file": "a", "tls_key_file": "b", "tls_ca_file": "c"}, "belong together"),
        (
            {"tls_certificate_file": "a", "tls_key_file": "b", "tls_client_certificate": "optional"},
            "belong together",
        ),
        ({"tls_minimum_version": "1.1"}, "tls_minimum_version"),
    ],
)
def test_wrong_settings(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        SwitchSettings.model_validate(settings)


def test_the_settings_make_the_first_link(tmp_path: Path) -> None:
    (plain,) = SwitchSettings(terminals_port=7).planned_links()
    assert isinstance(plain, ServerLink)
    assert (plain.name, plain.address, plain.tls) == ("terminals", "127.0.0.1:7", None)
    settings = SwitchSettings.model_validate(
        {
            "bind_address": "0.0.0.0",
            "tls_certificate_file": "a",
            "tls_key_file": "b",
            "links_file": links_file(tmp_path, WHOLE),
        }
    )
    assert [link.name for link in settings.planned_links()] == ["terminals", "shops", "north"]
    taken = links_file(tmp_path, WHOLE.replace("shops", "terminals"))
    with pytest.raises(LinksFault, match="terminals is the port of the settings"):
        settings.model_copy(update={"links_file": taken}).planned_links()
