#!/bin/sh
# Prints the path of cyclictest, the yardstick of 'robotd bench loop': how late a real-time loop in C wakes on this computer. On
# Debian and Ubuntu it installs rt-tests when there is none.
set -eu
me=cyclictest.sh
. "$(dirname "$0")/lib/setup.sh"

command -v cyclictest || { install_debian rt-tests && command -v cyclictest; }
