#!/bin/sh
# Prints the path of cyclictest, the yardstick of 'robotd bench loop': how late a real-time loop in C wakes on this computer. On
# Debian and Ubuntu it installs rt-tests when there is none.
set -eu
me=cyclictest.sh
lib=$(dirname "$0")/lib
if [ -e "$lib/setup.sh" ]; then . "$lib/setup.sh"; else . "$lib/venv.sh"; fi

command -v cyclictest || { install_debian rt-tests && command -v cyclictest; }
