"""Contactless cards through an NXP PN532.

From the wire up: `frames` and `dialogue` (one command and its answer) know no I/O; `serial_port` and
`spi_port` carry them; `pn532` gives the chip's commands; `reader` watches the field and says when a card
comes and goes.
"""
