"""The choice of a route on the VM, and the settings it comes from."""

import unit
from terminal.links.route import Route, RouteChooser
from terminal.links.settings import LinkSettings
from terminal.system.config import ConfigFault

BASE = {"terminal_id": "T0000001", "switch_host": "switch.example", "switch_port": 7583}


class Clock:
    def __init__(self):
        self.now = 0

    def ticks_ms(self):
        return self.now

    def ticks_since(self, then):
        return self.now - then


def chooser(clock, *overs, tries=2):
    routes = [Route(over, "host", 1) for over in overs]
    return RouteChooser(
        routes, tries=tries, return_after_ms=1000, ticks_ms=clock.ticks_ms, ticks_since=clock.ticks_since
    )


def test_failing_over_goes_round():
    made = chooser(Clock(), "network", "modem", "network")
    at_once = [made.ended(False, 0) for _ in range(6)]
    assert at_once == [False, True, False, True, False, False]
    assert made.index == 0


def test_one_route_is_tried_for_ever():
    made = chooser(Clock(), "network")
    for _ in range(10):
        assert not made.ended(False, 0)
    assert made.index == 0


def test_a_steady_link_is_tried_again_and_a_flapping_one_left():
    made = chooser(Clock(), "network", "modem")
    for _ in range(5):
        made.ended(True, 60000)
    assert made.index == 0
    made.ended(True, 10)
    made.ended(True, 10)
    assert made.index == 1


def test_the_first_route_comes_back_into_view():
    clock = Clock()
    made = chooser(clock, "network", "modem")
    made.ended(False, 0)
    made.ended(False, 0)
    assert made.index == 1 and not made.wants_first()
    clock.now = 1000
    assert made.wants_first()
    made.first_is_back(False)
    assert made.index == 1 and not made.wants_first()
    clock.now = 2000
    made.first_is_back(True)
    assert made.index == 0
    made.ended(False, 0)
    assert made.index == 1, "it was not back after all"


def test_one_modem_has_one_call():
    clock = Clock()
    made = chooser(clock, "modem", "modem", tries=1)
    made.ended(False, 0)
    clock.now = 5000
    assert made.index == 1 and not made.wants_first()


def test_settings():
    plain = LinkSettings(BASE).routes
    assert (len(plain), plain[0].host, plain[0].port, plain[0].server_name) == (1, "switch.example", 7583, "")
    secure = LinkSettings(dict(BASE, tls_ca_file="ca.der")).routes[0]
    assert secure.server_name == "switch.example"
    named = LinkSettings(dict(BASE, tls_ca_file="ca.der", tls_server_name="other.example")).routes[0]
    assert named.server_name == "other.example"
    listed = LinkSettings(
        dict(BASE, routes=[{"host": "a", "port": 1, "mqtt": True}, {"over": "modem", "host": "b", "port": 2}])
    ).routes
    assert [(route.over, route.host, route.mqtt) for route in listed] == [
        ("network", "a", True),
        ("modem", "b", False),
    ]


def test_wrong_settings_are_refused():
    route = {"host": "a", "port": 1}
    for changes in (
        {"routes": []},
        {"routes": [route] * 5},
        {"routes": "a"},
        {"routes": [1]},
        {"routes": [dict(route, port=0)]},
        {"routes": [dict(route, over="pigeon")]},
        {"routes": [dict(route, tls=1)]},
        {"routes": [dict(route, tls=True)]},
        {"routes": [dict(route, colour="red")]},
        {"routes": [dict(route, over="modem", host='a"b')]},
        {"routes": [dict(route, mqtt=True)], "terminal_id": "T/00000#"},
        {"session_key_messages": -1},
        {"mqtt_keep_alive_s": 0},
        {"switch_port": None},
    ):
        unit.raises(ConfigFault, LinkSettings, dict(BASE, **changes))


unit.run(globals())
