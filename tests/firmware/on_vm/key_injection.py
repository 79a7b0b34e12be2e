"""Keys on the VM: key blocks, clear components, counted attempts, tampering, power cuts, PIN encryption."""

import gc

import unit
from nor_flash import NorFlash, PowerCut
from terminal.messages.cmac import CmacKey
from terminal.security.key_block import KeyBlockFault, unwrap
from terminal.security.key_injection import InjectionFault, KeyInjection, component_of
from terminal.security.key_line import KeyLine
from terminal.security.key_store import ATTEMPTS, PIN_STATE, TERMINAL_KEY, TRANSPORT_KEY, KeyStore
from terminal.security.stored_slot import pin_block, read_keys
from terminal.security.tamper import erase_keys

# ASC X9 TR-31:2018 A.7.4 and ANSI X9.143:2021 8.1.
PUBLISHED_PROTECTION = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"
PUBLISHED_KEY = "3F419E1CB7079442AA37474C2EFBF8B8"
PUBLISHED = (
    b"D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A2"
    b"7E8E31DA05F7425509593D03A457DC34",
    b"D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3"
    b"829DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77E7B19A73ED46E64410082557",
)

# Under 000102…1F; the terminal key is 1011…1F, the transport key 4041…5F, and the initial PIN key that of the
# test vectors of ANSI X9.24-3-2017.
TRANSPORT = bytes(range(32))
TERMINAL_BLOCK = (
    b"D0144M6AC00N0000422A5A3D00BDCF919EBC0806FC449D2054964353CC2A7E93C71ECEFDEB3C35BD"
    b"CC81A2589DF890B6FF9378B6631CE09CE54C1498FD457E44B98EC82E9A1203EA"
)
TRANSPORT_BLOCK = (
    b"D0144K1AC00N0000482893390FA6AF6CD1F9D10A7A2C9CD63556A39FA16C31C231F1CF0B5C9DE1E4"
    b"BBD39E968885D33F31CB5CB00C80BA1A401690CD6406A8458EADFB7C0A851DD4"
)
PIN_BLOCK = (
    b"D0144B1AX00N00009295C41136B2380F88F4613EB872CACD4F2F258D520F65CB6A4B75645E22E5B1"
    b"62E9C7BDA61F56B3D88628A39B2636C32B67EC217AA5E499537121BE0898C9F3"
)
OTHER_USAGE = (
    b"D0144P0AC00N000044FCFB489395270AA8C0FDFFFE6746AF33C44A308D0FEA85568555FDA01A7B68"
    b"40FACAF1429799DFED103343FAB9D32FEFDBC6B28284110ADDFA0D9048D50673"
)
INITIAL_KEY_ID = bytes.fromhex("1234567890123456")


class Room:
    """A terminal in the secured room."""

    def __init__(self, blocks=2):
        self.flash = NorFlash(2048, blocks)
        self.told = []
        self.again()

    def again(self):
        """Switch it off and on."""
        self.flash.fuel = None
        self.store = KeyStore(self.flash)
        self.injection = KeyInjection(self.store, self.log)

    def log(self, event, **fields):
        self.told.append((event, fields))

    def part(self, name, block_count):
        assert (name, block_count) == ("keys", 2)
        return self.flash

    def bring_transport_key(self):
        parts = [bytearray(TRANSPORT), bytearray(32)]
        for index in range(32):
            parts[1][index] = 0xA5
            parts[0][index] ^= 0xA5
        shown = self.injection.inject_clear(TRANSPORT_KEY, parts, check_value(TRANSPORT))
        assert shown == check_value(TRANSPORT)
        assert parts == [bytearray(32), bytearray(32)]

    def holds(self, key):
        return bytes(self.flash.content).find(key) >= 0


def check_value(key):
    return CmacKey(key).cmac(bytes(16), 16)[:5]


def refused(room, reason, call, *arguments):
    assert unit.raises(InjectionFault, call, *arguments).reason == reason


def test_published_key_blocks():
    for block in PUBLISHED:
        usage, key = unwrap(bytearray(bytes.fromhex(PUBLISHED_PROTECTION)), block)
        assert (usage, key) == ("P0", bytes.fromhex(PUBLISHED_KEY))


def test_every_changed_character_of_a_block_is_refused():
    protection = bytearray(bytes.fromhex(PUBLISHED_PROTECTION))
    block = bytearray(PUBLISHED[0])
    for at in range(len(block)):
        held = block[at]
        block[at] = 0x31 if held != 0x31 else 0x32
        unit.raises(KeyBlockFault, unwrap, protection, bytes(block))
        block[at] = held
    for size in range(0, len(block), 7):
        unit.raises(KeyBlockFault, unwrap, protection, bytes(block[:size]))
    assert protection == bytes.fromhex(PUBLISHED_PROTECTION)


def test_a_terminal_key_comes_under_the_transport_key():
    room = Room()
    refused(room, "no_transport_key", room.injection.inject_block, TERMINAL_BLOCK)
    assert read_keys(room) == ("no_keys", None, False)
    room.bring_transport_key()
    assert room.injection.inject_block(TERMINAL_BLOCK) == check_value(bytes(range(16, 32)))
    room.again()
    assert read_keys(room) == ("", bytearray(range(16, 32)), False)
    assert room.injection.check_value(TERMINAL_KEY) == check_value(bytes(range(16, 32)))
    assert room.injection.inject_block(TRANSPORT_BLOCK) == check_value(bytes(range(64, 96)))
    refused(room, "refused", room.injection.inject_block, TERMINAL_BLOCK)  # the old transport key is gone
    assert not room.holds(TRANSPORT)


def test_what_is_told_is_no_key():
    room = Room()
    room.bring_transport_key()
    room.injection.inject_block(TERMINAL_BLOCK)
    for key in (TRANSPORT, bytes(range(16, 32))):
        assert key.hex() not in str(room.told)


def test_attempts_are_counted_before_they_are_looked_at():
    room = Room()
    room.bring_transport_key()
    room.flash.fuel = 40  # not enough for the record
    unit.raises(PowerCut, room.injection.inject_block, TERMINAL_BLOCK)
    assert room.store.key(TERMINAL_KEY) is None
    room.again()
    wrong = TERMINAL_BLOCK[:-1] + (b"0" if TERMINAL_BLOCK[-1:] != b"0" else b"1")
    for left in range(ATTEMPTS - 1, 0, -1):
        refused(room, "refused", room.injection.inject_block, wrong)
        room.again()
        assert room.store.attempts_left == left
    refused(room, "wiped", room.injection.inject_block, wrong)
    assert not room.holds(TRANSPORT)
    room.again()
    refused(room, "no_transport_key", room.injection.inject_block, TERMINAL_BLOCK)
    refused(room, "closed", room.injection.inject_clear, TERMINAL_KEY, [bytearray(16), bytearray(16)], b"")
    assert [event for event, _ in room.told][-2:] == ["key_refused", "keys_wiped"]


def test_a_block_for_another_use_is_refused():
    room = Room()
    room.bring_transport_key()
    refused(room, "refused", room.injection.inject_block, OTHER_USAGE)
    refused(room, "refused", room.injection.inject_block, PIN_BLOCK)  # without its key id
    refused(room, "refused", room.injection.inject_block, TERMINAL_BLOCK, INITIAL_KEY_ID)
    room.injection.inject_block(TERMINAL_BLOCK)
    assert room.store.attempts_left == ATTEMPTS


def test_clear_keys_only_in_the_secured_room():
    room = Room()
    refused(
        room, "refused", room.injection.inject_clear, TERMINAL_KEY, [bytearray(16)], check_value(bytes(16))
    )
    both = [bytearray(16), bytearray(16)]
    refused(room, "refused", room.injection.inject_clear, TERMINAL_KEY, both, b"wrong")
    room.injection.inject_clear(TERMINAL_KEY, [bytearray(16), bytearray(16)], check_value(bytes(16)))
    room.injection.close_clear()
    room.again()
    refused(room, "closed", room.injection.inject_clear, TERMINAL_KEY, both, check_value(bytes(16)))
    digits = bytearray(b"00ff")
    assert component_of(digits) == b"\x00\xff"
    assert digits == bytes(4)
    unit.raises(ValueError, component_of, bytearray(b"0x"))


def test_tampering_takes_every_key():
    room = Room()
    room.bring_transport_key()
    room.injection.inject_block(TERMINAL_BLOCK)
    refused(room, "has_keys", room.injection.reopen)
    erase_keys(room, "case")
    assert not room.holds(TRANSPORT) and not room.holds(bytes(range(16, 32)))
    room.again()
    assert read_keys(room) == ("tampered", None, False)
    assert room.store.tampered
    refused(room, "no_transport_key", room.injection.inject_block, TERMINAL_BLOCK)
    refused(room, "closed", room.injection.inject_clear, TERMINAL_KEY, [bytearray(16), bytearray(16)], b"")
    assert room.told[-1] == ("keys_erased", {"cause": "case", "failed": False})


def test_only_a_new_terminal_key_heals_a_terminal_that_was_opened():
    room = Room()
    room.bring_transport_key()
    erase_keys(room, "case")
    room.again()
    room.injection.reopen()
    room.again()
    room.bring_transport_key()
    assert read_keys(room)[0] == "tampered"
    room.again()
    room.injection.inject_block(TERMINAL_BLOCK)
    assert read_keys(room) == ("", bytearray(range(16, 32)), False)


def test_a_power_cut_while_keys_are_erased_leaves_none():
    for fuel in range(0, 4 * 2048, 211):
        room = Room()
        room.bring_transport_key()
        room.injection.inject_block(TERMINAL_BLOCK)
        room.flash.fuel = fuel
        try:  # noqa: SIM105
            erase_keys(room, "case")
        except PowerCut:
            pass
        room.flash.fuel = None
        # The switch is open still when the power is back.
        erase_keys(room, "case")
        assert not room.holds(TRANSPORT) and not room.holds(bytes(range(16, 32))), fuel
        assert read_keys(room) == ("tampered", None, False)
        gc.collect()


def test_a_block_of_flash_that_fails_does_not_save_the_other():
    room = Room()
    room.bring_transport_key()
    erase, broken = room.flash.erase, []

    def erase_but_one(block):
        if not broken:
            broken.append(block)
            raise OSError
        erase(block)

    room.flash.erase = erase_but_one
    erase_keys(room, "case")
    assert room.told[-1][1]["failed"]
    assert not room.holds(TRANSPORT)


class Line:
    """A technician's tool at a terminal."""

    def __init__(self, room, is_open=False):
        self.is_open = is_open
        self.line = KeyLine(room.injection, room.store, "VAFA0001", lambda: self.is_open)

    def say(self, text):
        answers = [bytes(answer) for answer in self.line.feed(bytearray(text + b"\n"))]
        assert len(answers) == 1 and answers[0].endswith(b"\n")
        return answers[0][:-1].decode()


def test_a_ceremony_over_the_line():
    room = Room()
    line = Line(room)
    state = "ok VAFA0001 attempts=5 clear=open tampered=0 "
    assert line.say(b"status") == state + "terminal=- transport=- pin=0"
    first, second = bytes([0xA5] * 32), bytes(byte ^ 0xA5 for byte in TRANSPORT)
    for part in (first, second):
        assert line.say(b"component " + part.hex().upper().encode()) == "ok " + check_value(part).hex()
    shown = check_value(TRANSPORT).hex()
    assert line.say(b"combine transport " + shown.encode()) == "ok " + shown
    shown_terminal = check_value(bytes(range(16, 32))).hex()
    assert line.say(b"block " + TERMINAL_BLOCK + b"\r") == "ok " + shown_terminal
    assert line.say(b"block " + PIN_BLOCK + b" 1234567890123456").startswith("ok ")
    assert line.say(b"close") == "ok "
    state = "ok VAFA0001 attempts=5 clear=closed tampered=0 terminal=%s transport=%s pin=1"
    assert line.say(b"status") == state % (shown_terminal, shown)
    assert line.say(b"reopen") == "refused has_keys attempts=5"
    assert not line.line.is_done
    assert line.say(b"done") == "ok " and line.line.is_done
    for key in (TRANSPORT, first, second, bytes(range(16, 32))):
        assert key.hex() not in str(room.told)
    assert bytes(line.line._line) == bytes(640)


def test_a_line_that_says_nonsense():
    room = Room()
    line = Line(room)
    for text in (
        b"",
        b"what",
        b"component",
        b"component 0",
        b"component xy",
        b"component " + b"00" * 15,
        b"combine",
    ):
        assert line.say(text) == "refused line", text
    assert line.say(b"x" * 2000) == "refused line"
    assert line.say(b"combine pin 0000000000") == "refused line"
    assert line.say(b"combine terminal 00") == "refused refused attempts=4"
    assert line.say(b"\xff\xfe \xff") == "refused line"
    for _ in range(3):
        assert line.say(b"component " + b"0f" * 16).startswith("ok ")
    assert line.say(b"component " + b"0f" * 16) == "refused line"
    line.line.forget()
    assert line.say(b"combine terminal 0000000000") == "refused refused attempts=3"
    line.is_open = True
    assert line.say(b"status") == "refused open_case attempts=3"
    line.is_open = False
    room.flash.fuel = 0
    unit.raises(PowerCut, line.say, b"close")


def test_a_request_for_service_survives_and_ends():
    room = Room()
    room.bring_transport_key()
    room.injection.inject_block(TERMINAL_BLOCK)
    room.store.service_asked = True
    room.store.save()
    assert read_keys(room) == ("asked", bytearray(range(16, 32)), False)
    room.again()
    room.store.service_asked = False
    room.store.save()
    assert read_keys(room)[0] == ""


def test_pins_go_under_keys_that_are_used_once():
    room = Room()
    room.bring_transport_key()
    unit.raises(InjectionFault, room.injection.inject_block, PIN_BLOCK)
    room.injection.inject_block(TERMINAL_BLOCK)
    room.injection.inject_block(PIN_BLOCK, INITIAL_KEY_ID)
    assert room.injection.check_value(PIN_STATE) == b""
    expected = {
        1: "A912150391AB65A67E52883D81CE2D15",
        2: "52A00503BD34BA1383F6A7EE9FE2547F",
        3: "A5A27E82B43A9A866A93D7ABE89CEF93",
    }
    for counter in (1, 2, 3):
        pin = bytearray(b"1234")
        # ANSI X9.24-3-2017, supplement "Test Vectors": PIN blocks of format 4.
        block, serial = pin_block(room, pin, "4111111111111111", lambda _: bytes.fromhex("2F69ADDE2E9E7ACE"))
        assert block == bytes.fromhex(expected[counter])
        assert serial == INITIAL_KEY_ID + counter.to_bytes(4, "big")
        assert pin == bytes(4)
        room.again()
    assert read_keys(room)[2]


def test_without_a_pin_key_a_pin_is_wiped_all_the_same():
    room = Room()
    pin = bytearray(b"1234")
    unit.raises(OSError, pin_block, room, pin, "4111111111111111", bytes)
    assert pin == bytes(4)


def test_a_power_cut_never_loses_the_keys_or_leaves_two_of_them():
    for fuel in range(0, 2600, 101):
        room = Room()
        room.bring_transport_key()
        room.injection.inject_block(TERMINAL_BLOCK)
        room.flash.torn = 0x3C
        room.flash.fuel = fuel
        try:  # noqa: SIM105  (there is no contextlib on the VM)
            room.injection.inject_block(TRANSPORT_BLOCK)
        except PowerCut:
            pass
        room.again()
        assert room.injection.check_value(TERMINAL_KEY) == check_value(bytes(range(16, 32)))
        held = [room.holds(TRANSPORT), room.holds(bytes(range(64, 96)))]
        assert sorted(held) == [False, True], fuel
        gc.collect()


unit.run(globals())
