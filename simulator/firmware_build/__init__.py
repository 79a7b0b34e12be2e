"""From the sources of the firmware to those of its image: fewer names, fewer modules, the same doings."""
