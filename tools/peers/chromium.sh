#!/bin/sh
# Prints the path of a Chromium to judge the dashboard with; on Debian and Ubuntu it installs one when there is none.
set -eu
me=chromium.sh
. "$(dirname "$0")/lib/setup.sh"

find_it() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" && return 0
    done
    return 1
}

find_it || { install_debian chromium && find_it; }
