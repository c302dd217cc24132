#!/bin/sh
# Prints the path of a Python that has MuJoCo 4: the referee of the simulator and of the robot files. The first call makes a
# virtual environment in the cache; calls at the same time wait for it.
set -eu

version=4.0.0
dir=${ROBOTD_CACHE:-$HOME/.cache/robotd}/mujoco
python=$dir/bin/python
mark=$dir/ready-$version

if [ ! -e "$mark" ]; then
    mkdir -p "${dir%/*}"
    exec 9>"$dir.lock"
    flock 9
    if [ ! -e "$mark" ]; then
        if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
            if ! command -v apt-get >/dev/null; then
                echo "mujoco.sh: no python3 with venv and no apt-get to install it: install Python 3.10 or newer" >&2
                exit 1
            fi
            sudo=
            [ "$(id -u)" = 0 ] || sudo="sudo -n"
            export DEBIAN_FRONTEND=noninteractive
            $sudo apt-get update -qq >&2
            $sudo apt-get install -y -qq --no-install-recommends python3 python3-venv python3-pip >&2
        fi
        rm -rf "$dir"
        nice -n 10 python3 -m venv "$dir" >&2
        nice -n 10 "$python" -m pip install -q --disable-pip-version-check "mujoco==$version" numpy >&2
        "$python" -c 'import mujoco' >&2
        touch "$mark"
    fi
fi
echo "$python"
