#!/bin/sh
# Makes sure that the MQTT broker Mosquitto is there: the tests start one of their own.
set -eu
command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing Mosquitto for the tests" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends mosquitto; } >/dev/null 2>&1 && exit 0
    echo "setup: Mosquitto cannot be installed; is the network there?" >&2
    exit 1
fi
echo "setup: the tests need Mosquitto; run: sudo apt-get install mosquitto" >&2
exit 1
