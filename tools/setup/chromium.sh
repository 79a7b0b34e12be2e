#!/bin/sh
# Makes sure that Chromium is there: the tests open the terminal on the screen in it.
set -eu
[ -x /usr/bin/chromium ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing Chromium for the tests" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1 && exit 0
    echo "setup: Chromium cannot be installed; is the network there?" >&2
    exit 1
fi
echo "setup: the tests need Chromium; run: sudo apt-get install chromium" >&2
exit 1
