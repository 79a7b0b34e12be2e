"""A modem's answers on the VM: the steps of a call, what interrupts them, and the end of a call."""

import unit
from terminal.devices.modem import CarrierWatch, Dialler, LineParser


def dial(answers, apn="internet.example"):
    """Run a call against the answers by command; the commands that were sent, and the dialler."""
    dialler = Dialler("switch.example", 7583, apn)
    parser = LineParser()
    sent = []
    while not (dialler.connected or dialler.failed):
        _, command, _ = dialler.action()
        sent.append(command)
        assert len(sent) < 60
        ended = False
        for line in parser.feed(answers(command)):
            ended = ended or dialler.take(line)
        if not ended:
            dialler.timed_out()
    return sent, dialler


def good(command):
    if command.startswith(b"AT+CREG?"):
        return b"AT+CREG?\r\r\n+CREG: 0,1\r\n\r\nOK\r\n"
    if command.startswith(b"AT+CSQ"):
        return b"\r\n+CSQ: 31,0\r\n\r\nOK\r\n"
    if command.startswith(b"AT+CIPSTART"):
        return b"\r\nOK\r\n\r\nCONNECT\r\n"
    return b"\r\nOK\r\n"


def test_a_call():
    sent, dialler = dial(good)
    assert dialler.connected and dialler.signal_dbm == -51
    assert sent == [
        b"AT\r",
        b"ATE0\r",
        b"AT+CREG?\r",
        b"AT+CSQ\r",
        b'AT+CGDCONT=1,"IP","internet.example"\r',
        b"AT+CIPMODE=1\r",
        b'AT+CIPSTART="TCP","switch.example",7583\r',
    ]


def test_an_older_call_is_left():
    answers = [b"", b"\r\nOK\r\n", b"\r\nOK\r\n"]

    def left(command):
        return answers.pop(0) if answers else good(command)

    sent, dialler = dial(left)
    assert dialler.connected and sent[:4] == [b"AT\r", b"+++", b"ATH\r", b"AT\r"]


def test_a_dead_modem():
    sent, dialler = dial(lambda command: b"")
    assert dialler.failed and dialler.step == "attention"
    assert sent == [b"AT\r", b"+++", b"ATH\r", b"AT\r"]


def test_registration_is_waited_for():
    states = [b"2", b'1,"00C3","12AB"', b"3"]

    def slow(command):
        if command.startswith(b"AT+CREG?") and states:
            state = states.pop(0)
            # The second is unsolicited: the state stands first.
            lead = b"" if b'"' in state else b"0,"
            return b"\r\nRING\r\n\r\n+CREG: " + lead + state + b"\r\n\r\nOK\r\n"
        return good(command)

    sent, dialler = dial(slow)
    assert dialler.connected
    assert sent.count(b"AT+CREG?\r") == 2


def test_registration_is_not_waited_for_for_ever():
    def denied(command):
        return b"\r\n+CREG: 0,3\r\n\r\nOK\r\n" if command.startswith(b"AT+CREG?") else good(command)

    sent, dialler = dial(denied)
    assert dialler.failed and dialler.step == "registration"
    assert sent.count(b"AT+CREG?\r") == 30


def test_refusals():
    for command, refusal in (
        (b"AT+CIPSTART", b"\r\nOK\r\n\r\nCONNECT FAIL\r\n"),
        (b"AT+CIPSTART", b"\r\nERROR\r\n"),
        (b"AT+CIPSTART", b"\r\nNO CARRIER\r\n"),
        (b"AT+CIPMODE", b"\r\n+CME ERROR: 3\r\n"),
    ):
        _, dialler = dial(lambda asked, c=command, r=refusal: r if asked.startswith(c) else good(asked))
        assert dialler.failed and not dialler.connected


def test_the_signal_may_be_unknown():
    _, dialler = dial(
        lambda asked: b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n" if asked[:6] == b"AT+CSQ" else good(asked)
    )
    assert dialler.connected and dialler.signal_dbm == 0


def test_long_lines_are_dropped():
    parser = LineParser()
    assert parser.feed(b"x" * 5000 + b"\r\nOK\r\n") == ["OK"]


def test_no_carrier_is_found_in_any_pieces():
    words = b"\r\nNO CARRIER\r\n"
    for lead in (b"", b"data", b"\r\n", b"\r\nNO CARR", b"\r"):
        stream = lead + words
        assert CarrierWatch().feed(stream) == len(lead)
        watch = CarrierWatch()
        used = [watch.feed(stream[at : at + 1]) for at in range(len(stream))]
        assert used == [1] * (len(stream) - 1) + [0]
    assert CarrierWatch().feed(b"\r\nNO CARRIED\r\n") == 14


unit.run(globals())
