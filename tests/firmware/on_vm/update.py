"""Updates on the VM: signatures, refusals, trial boots, roll-back, and power cuts at every step."""

import gc
import time
from binascii import crc32

import unit
from nor_flash import NorFlash, PowerCut
from terminal.security.signature import is_signed
from terminal.system.download import COMPLETE, FAILED, NOTHING_NEW
from terminal.system.firmware_download import FirmwareDownload
from terminal.system.update.boot_log import BootLog, BootLogFault
from terminal.system.update.image import ImageFault, ImageHeader
from terminal.system.update.slot import Slot
from terminal.system.update.slot_writer import SlotWriter
from terminal.system.update.updates import Updates
from update_images import MODULUS, answer, image_of

BOARD = "test"
BASE = (1, 2, 0)
CONTENT = bytes(index * 7 & 0xFF for index in range(1500))
OTHER_CONTENT = bytes(index * 5 & 0xFF for index in range(1500))
OLD = image_of(CONTENT, version=(1, 0, 0), counter=1)
NEW = image_of(OTHER_CONTENT, version=(2, 0, 0), counter=2)
SAME_COUNTER = image_of(OTHER_CONTENT, version=(1, 1, 0), counter=1)


class Window:
    """Some blocks of a flash as a part of their own."""

    def __init__(self, flash, first, count):
        self.block_bytes = flash.block_bytes
        self.block_count = count
        self._flash = flash
        self._first = first

    def read(self, address, into):
        self._flash.read(self._first * self.block_bytes + address, into)

    def program(self, address, data):
        self._flash.program(self._first * self.block_bytes + address, data)

    def erase(self, block):
        self._flash.erase(self._first + block)


class Device:
    """The flash of one terminal, which lives on when its power is cut: the boot log, then both slots."""

    LOG_BLOCKS = 2
    SLOT_BLOCKS = 3

    def __init__(self, first_image):
        self.flash = NorFlash(1024, self.LOG_BLOCKS + 2 * self.SLOT_BLOCKS)
        start = self.LOG_BLOCKS * 1024
        self.flash.content[start : start + len(first_image)] = first_image

    def updates(self):
        """What start-up or the application makes of it."""
        first = Slot(self.flash, self.LOG_BLOCKS, self.SLOT_BLOCKS)
        second = Slot(self.flash, self.LOG_BLOCKS + self.SLOT_BLOCKS, self.SLOT_BLOCKS)
        log = BootLog(Window(self.flash, 0, self.LOG_BLOCKS))
        return Updates(log, (first, second), board=BOARD, base=BASE, modulus=MODULUS)

    def boot(self):
        """Start up; the slot that runs."""
        return self.updates().start("power")

    def version_of(self, slot):
        """Of the image in a slot."""
        return self.updates().slots[slot].header().version

    def download(self, image, is_settled=lambda: True):
        """Bring an image in piece by piece and make it the candidate; goes on where it was cut."""
        updates = self.updates()
        writer = SlotWriter(updates.free_slot(), image[:320])
        while not writer.is_complete:
            writer.write(writer.offset, image[writer.offset : writer.offset + 200])
        assert writer.finish()
        return updates.switch_over(is_settled)


def test_a_signed_image_is_taken_and_takes_less_than_a_second():
    began = time.ticks_ms()
    header = ImageHeader(OLD)
    header.check_signature(MODULUS)
    assert time.ticks_diff(time.ticks_ms(), began) < 1000
    header.check_use(BOARD, BASE, 1, 3072)
    assert (header.version, header.counter, header.size) == ((1, 0, 0), 1, len(CONTENT))


def test_every_flipped_byte_of_a_header_is_refused():
    head = bytearray(OLD[:320])
    for at in range(320):
        head[at] ^= 1 << at % 8
        try:
            ImageHeader(head).check_signature(MODULUS)
        except ImageFault:
            pass
        else:
            raise AssertionError(at)
        head[at] ^= 1 << at % 8


def test_flipped_bytes_of_the_content_are_never_started():
    for at in range(320, len(OLD), 97):
        device = Device(OLD)
        device.flash.content[2048 + at] ^= 0x10
        assert device.boot() == -1, at
        gc.collect()


def test_a_signature_without_its_padding_is_refused():
    digest = bytes(32)
    assert not is_signed(digest, bytes(256), MODULUS)
    assert not is_signed(digest, bytes(255) + b"\x01", MODULUS)
    assert not is_signed(digest, MODULUS, MODULUS)
    assert not is_signed(digest, b"\xff" * 256, MODULUS)
    assert not is_signed(digest, bytes(256), bytes(256))


def test_what_is_not_for_this_terminal_is_refused():
    header = ImageHeader(NEW)
    for arguments in (
        ("other", BASE, 0, 9999),
        (BOARD, (0, 9, 9), 0, 9999),
        (BOARD, BASE, 3, 9999),
        (BOARD, BASE, 0, 1819),
    ):
        unit.raises(ImageFault, header.check_use, *arguments)
    header.check_use(BOARD, BASE, 2, 1820)


def test_an_update_is_tried_twice_and_rolled_back():
    device = Device(OLD)
    assert device.boot() == 0
    confirm(device)
    assert device.download(SAME_COUNTER)
    assert [device.boot() for _ in range(4)] == [1, 1, 0, 0]
    updates = device.updates()
    assert updates.has_refused(ImageHeader(SAME_COUNTER))
    assert not updates.is_on_trial()
    assert (updates.log.boots, updates.log.resets) == (5, [5, 0, 0, 0])


def test_a_confirmed_update_stays_and_the_counter_never_falls():
    device = Device(OLD)
    device.boot()
    confirm(device)
    device.download(NEW)
    assert device.boot() == 1
    unit.raises(ImageFault, device.updates().free_slot)  # on trial: the other slot may be needed
    confirm(device)
    assert [device.boot() for _ in range(4)] == [1, 1, 1, 1]
    fault = unit.raises(ImageFault, device.updates().check_use, ImageHeader(OLD))
    assert fault.reason == "rollback"
    # Damaged as it is then, the older image is no way out either.
    device.flash.content[(2 + 3) * 1024 + 700] ^= 1
    assert device.boot() == -1


def test_nothing_is_switched_while_transactions_are_unsettled():
    device = Device(OLD)
    device.boot()
    confirm(device)
    assert not device.download(NEW, lambda: False)
    assert device.boot() == 0
    assert device.updates().switch_over(lambda: True)
    assert device.boot() == 1


def test_a_power_cut_at_any_step_leaves_a_terminal_that_starts():
    fuel = 0
    while cut_at(fuel):
        fuel += 53
        gc.collect()
    assert fuel > 3000


def cut_at(fuel):
    """Whether the power went before all was done: update, boot, trial, confirmation."""
    device = Device(OLD)
    device.boot()
    confirm(device)
    # What is in the other slot has to go first.
    device.flash.content[5 * 1024 : 5 * 1024 + len(SAME_COUNTER)] = SAME_COUNTER
    device.flash.torn = 0x5A
    device.flash.fuel = fuel
    was_cut = True
    try:
        device.download(NEW)
        device.boot()
        confirm(device)
        was_cut = False
    except PowerCut:
        pass
    device.flash.fuel = None
    slot = device.boot()
    assert slot in (0, 1)
    if device.version_of(slot) == (1, 0, 0):
        device.updates().confirm()
        device.download(NEW)
        slot = device.boot()
    assert device.version_of(slot) == (2, 0, 0)
    return was_cut


def test_a_log_of_another_format_is_refused():
    device = Device(OLD)
    device.boot()
    log = Window(device.flash, 0, 2)
    BootLog(log)
    content = device.flash.content
    content[48:96] = content[:48]
    content[52] = 9  # a later record
    content[56] = 2  # of another format
    content[48:52] = crc(content[52:93])
    unit.raises(BootLogFault, BootLog, log)


def crc(data):
    return crc32(data).to_bytes(4, "little")


def test_worn_out_flash_does_not_stop_what_is_proved():
    device = Device(OLD)
    device.boot()
    worn = device.updates()
    worn.log.save = fail
    unit.raises(OSError, worn.start)
    confirm(device)
    worn = device.updates()
    worn.log.save = fail
    assert worn.start() == 0


def fail():
    raise OSError("worn out")


def test_the_log_goes_round():
    device = Device(OLD)
    for number in range(70):
        device.boot()
        assert device.updates().log.boots == number + 1


def confirm(device):
    device.updates().confirm()


def download_to(device):
    return FirmwareDownload(lambda header: header.check_signature(MODULUS), device.updates, BOARD)


def fetch(device, image, questions=99):
    download = download_to(device)
    asked = 0
    while download.state == 0 and asked < questions:
        download.take(answer(image, download.question()))
        download.work()
        asked += 1
    return download, asked


def test_a_download_goes_on_where_the_power_was_cut():
    device = Device(OLD)
    device.boot()
    confirm(device)
    assert fetch(device, NEW, 4)[0].progress_percent > 80  # the head, then all but the last part
    device.flash.fuel = 100
    unit.raises(PowerCut, fetch, device, NEW)
    device.flash.fuel = None
    download, asked = fetch(device, NEW)
    assert (download.state, asked) == (COMPLETE, 3)  # the head, then from the block that was torn
    assert device.updates().switch_over(lambda: True)
    assert device.boot() == 1
    assert fetch(device, NEW)[0].state == NOTHING_NEW


def test_nothing_is_erased_for_an_image_that_is_not_signed():
    device = Device(OLD)
    device.boot()
    confirm(device)
    wrong = bytearray(NEW)
    wrong[100] ^= 1
    erases = device.flash.erases
    download, asked = fetch(device, bytes(wrong))
    assert (download.state, download.reason, asked) == (FAILED, "signature", 1)
    assert device.flash.erases == erases


def test_an_image_whose_content_is_damaged_on_the_way_is_not_taken():
    device = Device(OLD)
    device.boot()
    confirm(device)
    wrong = bytearray(NEW)
    wrong[-1] ^= 1
    download, _ = fetch(device, bytes(wrong))
    assert (download.state, download.reason) == (FAILED, "digest")
    assert fetch(device, NEW)[0].state == COMPLETE


def test_a_file_that_was_replaced_on_the_way_begins_again():
    device = Device(OLD)
    device.boot()
    confirm(device)
    download = download_to(device)
    download.take(answer(SAME_COUNTER, download.question()))
    download.work()
    for _ in range(10):
        download.take(answer(NEW, download.question()))
        download.work()
    assert download.state == COMPLETE
    assert device.updates().slots[1].header().version == (2, 0, 0)


unit.run(globals())
