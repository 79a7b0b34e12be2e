#!/bin/sh
# Prints the folder for the tests' files: in memory where there is room, as databases and journals wait for the
# disk thousands of times and no test can tell the difference (tests/switch/power has disks of its own).
set -eu
room_kib=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)
if [ "${room_kib:-0}" -gt 4194304 ] && [ -w /dev/shm ]; then
    echo /dev/shm
else
    echo "${TMPDIR:-/tmp}"
fi
