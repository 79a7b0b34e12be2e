"""Start the terminal on the emulated board: from the better slot where it has slots, else what is frozen."""

from terminal.hal import qemu

board = qemu.make()
if board.settings.get("slot_blocks"):
    from terminal.system.update.begin import begin_slot

    if begin_slot(board, qemu.mount_slot):
        from terminal.hal import qemu

        board = qemu.make()
    del begin_slot
del qemu

from terminal.system.start import start  # noqa: E402

start(board)
