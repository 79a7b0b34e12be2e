#!/bin/sh
# Makes sure that Prometheus is there: the tests have it check the rules for it, and scrape a switch.
set -eu
command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing Prometheus for the tests" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends prometheus; } >/dev/null 2>&1 && exit 0
    echo "setup: Prometheus cannot be installed; is the network there?" >&2
    exit 1
fi
echo "setup: the tests need Prometheus; run: sudo apt-get install prometheus" >&2
exit 1
