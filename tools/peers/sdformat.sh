#!/bin/sh
# Prints the path of Gazebo's `ign`, whose `ign sdf --check FILE` judges an SDF file; on Debian and Ubuntu it installs
# sdformat12 when there is none. The Debian package libsdformat-dev holds the command's Ruby half.
set -eu

find_it() {
    command -v ign >/dev/null && [ -e /usr/share/ignition/sdformat12.yaml ] && command -v ign
}

find_it && exit 0
if ! command -v apt-get >/dev/null; then
    echo "sdformat.sh: no ign with sdformat12 found and no apt-get to install it: install ignition-tools and libsdformat-dev" >&2
    exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo="sudo -n"
export DEBIAN_FRONTEND=noninteractive
exec 9>"${TMPDIR:-/tmp}/robotd-sdformat.lock"
flock 9
find_it && exit 0
$sudo apt-get update -qq >&2
nice -n 10 $sudo apt-get install -y -qq --no-install-recommends ignition-tools libsdformat-dev sdformat-sdf >&2
find_it
