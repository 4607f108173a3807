"""Foreign pages must not command the car."""

import pytest

from simulators.dashboard.security import headers_of, is_loopback, why_refused


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1:8765", ""), ("localhost:8765", ""), ("[::1]:8765", ""), ("192.168.0.7:1", ""), ("rig:8765", "rig")],
)
def test_addresses_localhost_and_the_given_name_are_served(host: str, own: str) -> None:
    assert why_refused({"Host": host}, own) is None
    assert why_refused({"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}, own) is None


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil", "]["]
)
def test_names_that_somebodys_dns_points_here_are_not(host: str) -> None:
    assert why_refused({"Host": host}, "127.0.0.1") is not None


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://evil.example:8765", "null", "", "http://127.0.0.1:9999", "http://localhost"],
)
def test_pages_of_other_origins_are_not(origin: str) -> None:
    assert why_refused({"Host": "127.0.0.1:8765", "Origin": origin}, "") is not None


def test_a_form_or_image_of_another_site_is_not() -> None:
    assert why_refused({"Host": "localhost:1", "Sec-Fetch-Site": "cross-site"}, "") is not None
    assert why_refused({"Host": "localhost:1", "Sec-Fetch-Site": "none"}, "") is None
    link = {"Host": "localhost:1", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert why_refused(link, "") is None


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    policy = headers_of("127.0.0.1:8765")["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "ws://127.0.0.1:8765" in policy


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("localhost", True),
        ("192.168.0.7", False),
        ("rig", False),
    ],
)
def test_whether_others_can_reach_it(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
