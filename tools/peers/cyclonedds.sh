#!/bin/sh
# Prints the path of a Python with Eclipse Cyclone DDS (the wheel from PyPI, no ROS): a second, independent DDS to judge the
# wire with. Makes it on the first call, under ${ROBOTD_CACHE:-~/.cache/robotd}. Calls at the same time wait for each other.
set -eu

cache=${ROBOTD_CACHE:-${HOME:-/var/tmp}/.cache/robotd}
mkdir -p "$cache"
dir=$(cd "$cache" && pwd)/cyclonedds
stamp="$dir/.made-1"

say() { echo "cyclonedds.sh: $*" >&2; }

# The first interpreter that can make a virtual environment is taken.
pick_python() {
    for name in /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3.13 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

base_python() {
    pick_python && return 0
    if ! command -v apt-get >/dev/null; then
        say "no Python >= 3.10 with venv and no apt-get to install one: install python3 and python3-venv"
        return 1
    fi
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    $sudo apt-get update -qq >&2
    $sudo apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends python3 python3-venv >&2
    pick_python
}

make_it() {
    base=$(base_python)
    say "making $dir (once)"
    rm -rf "$dir"
    "$base" -m venv "$dir"
    "$dir/bin/python" -m pip install -q --disable-pip-version-check cyclonedds==11.0.1 >&2
    "$dir/bin/python" -c 'import cyclonedds.domain' >&2
    : >"$stamp"
}

if [ ! -e "$stamp" ]; then
    command -v flock >/dev/null || { say "flock is missing: install util-linux"; exit 1; }
    (
        flock 9
        [ -e "$stamp" ] || make_it
    ) 9>"$dir.lock"
    [ -e "$stamp" ] || exit 1
fi
echo "$dir/bin/python"
