#!/bin/sh
# Prints the path of Gazebo's `ign`, whose `ign sdf --check FILE` judges an SDF file; on Debian and Ubuntu it installs
# sdformat12 when there is none. The Debian package libsdformat-dev holds the command's Ruby half.
set -eu
me=sdformat.sh
. "$(dirname "$0")/lib/setup.sh"

find_it() {
    command -v ign >/dev/null && [ -e /usr/share/ignition/sdformat12.yaml ] && command -v ign
}

find_it && exit 0
exec 9>"${TMPDIR:-/tmp}/robotd-sdformat.lock"
flock 9
find_it || { install_debian ignition-tools libsdformat-dev sdformat-sdf && find_it; }
