"""Displays, beeper and keypad on the VM."""

import unit
from fonts import font
from terminal.devices import beeper
from terminal.devices.character_lcd import CharacterLcd
from terminal.devices.graphic_lcd import GraphicLcd
from terminal.devices.keypad_matrix import KeypadMatrix


def test_a_graphic_display_sends_changed_pages_only():
    lcd = GraphicLcd(256, 64, font("display"), (font("digits"), font("receipt")))
    panel = [bytearray(1024), bytearray(1024)]

    def sent():
        total = 0
        while True:
            write = lcd.next_write()
            if write is None:
                return total
            controller, command, data = write
            start = (command[0] & 7) * 128 + (command[1] & 15) * 16 + command[2]
            panel[controller][start : start + len(data)] = data
            total += len(data)

    assert sent() == 2048
    lcd.show(["مبلغ", "۲٬۵۰۰٬۰۰۰"], 1)
    assert 0 < sent() < 1200
    for y, row in enumerate(lcd.art()):
        for x, dot in enumerate(row):
            assert (panel[x >> 7][(y >> 3) * 128 + (x & 127)] >> (y & 7) & 1) == (dot == "#")
    assert not lcd.show(["مبلغ", "۲٬۵۰۰٬۰۰۰"], 1)
    assert sent() == 0


def test_a_character_display_sends_the_difference():
    lcd = CharacterLcd(16, 2)
    lcd.show(["ژاله", "12"])
    assert bytes(lcd.next_write()[:6]) == b"\x8c\x88\x0c\x08\x7d\x79"
    lcd.next_write()
    lcd.show(["ژاله", "13"])
    assert bytes(lcd.next_write()) == b"\xcc\xc8\x1c\x18\x3d\x39\x3d\x39"
    assert lcd.next_write() is None


def test_keys_and_tones():
    keypad = KeypadMatrix(b"123P456R789B\x1b0\x08\r")
    pressed = b""
    for scan in [b"\x01\x00\x00\x00"] * 5 + [b"\x01\x02\x00\x00"] * 5 + [bytes(4)] * 5:
        pressed += keypad.scan(scan)
    assert pressed == b"15"
    player = beeper.Beeper()
    player.play(beeper.KEY)
    assert [player.due(), player.due()] == [(2000, 30), None]


unit.run(globals())
