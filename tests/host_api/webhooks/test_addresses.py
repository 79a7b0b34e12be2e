"""Where a webhook may lead, and where not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.outgoing.addresses import AddressPolicy, UrlRefused

PUBLIC = ("1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1")
PRIVATE = (
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "100.64.0.1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
)
LOOPBACK = ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")
NEVER = (
    *("0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
    *(
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "fec0::1",
        "2001:db8::1",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
    ),
    *("", "localhost", "1.1.1", "0x7f.1"),
)
POLICIES = {
    "public": AddressPolicy(),
    "private": AddressPolicy(private=True),
    "loopback": AddressPolicy(loopback=True),
}


@pytest.mark.parametrize("name", POLICIES)
def test_addresses_by_their_kind(name: str) -> None:
    policy = POLICIES[name]
    assert [address for address in PUBLIC if not policy.permits(address)] == []
    assert [address for address in PRIVATE if policy.permits(address)] == (
        list(PRIVATE) if policy.private else []
    )
    assert [address for address in LOOPBACK if policy.permits(address)] == (
        list(LOOPBACK) if policy.loopback else []
    )
    assert [address for address in NEVER if policy.permits(address)] == []


def _refuses(policy: AddressPolicy, url: str) -> bool:
    try:
        policy.check_url(url)
    except UrlRefused as refused:
        assert len(url) < 20 or url not in str(refused)
        return True
    return False


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://shop.example/events",
            "https://shop.example:8443/a?b=c",
            "https://1.1.1.1/",
            "https://[2606:4700::1]/",
        ),
    ],
)
def test_public_urls_are_taken(url: str) -> None:
    assert not _refuses(AddressPolicy(), url)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "shop.example",
            "ftp://shop.example/",
            "http://shop.example/",
            "https://",
            "https:///x",
            "//x/",
        ),
        *("https://user@shop.example/", "https://u:p@shop.example/", "https://shop.example/#part"),
        *("https://shop.example:0/", "https://shop.example:99999/", "https://shop.example:x/"),
        *(
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://LOCALHOST:1/",
            "http://localhost/",
        ),
        *(
            "https://10.1.2.3/",
            "https://169.254.169.254/latest",
            "https://[::ffff:7f00:1]/",
            "https://[fe80::1]/",
        ),
        *("https://shop.example/a b", "https://shop.example/\r\nx: y", "https://shop.example\\@127.0.0.1/"),
        *("https://باشگاه.example/", "https://shop.example/" + "x" * 2000),
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    assert _refuses(AddressPolicy(), url)


def test_settings_open_the_way_to_this_machine_and_private_networks() -> None:
    assert not _refuses(AddressPolicy(loopback=True), "http://127.0.0.1:80/x")
    assert not _refuses(AddressPolicy(loopback=True), "http://localhost:80/x")
    assert _refuses(AddressPolicy(loopback=True), "http://10.1.2.3/x")
    assert _refuses(AddressPolicy(private=True), "http://10.1.2.3/x")
    assert not _refuses(AddressPolicy(private=True), "https://10.1.2.3/x")


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_taken_or_refused(text: str, is_url: bool) -> None:
    _refuses(AddressPolicy(), f"https://{text}" if is_url else text)
    assert AddressPolicy().permits(text) in {True, False}
