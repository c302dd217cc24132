#!/bin/sh
# Prints the path of a Python that has MuJoCo 4: the referee of the simulator and of the robot files. The first call makes a
# virtual environment in the cache; calls at the same time wait for it.
set -eu
me=mujoco.sh
. "$(dirname "$0")/lib/setup.sh"

version=4.0.0
dir=$(cache_folder mujoco)
python=$dir/bin/python

make_it() {
    make_venv "$dir" "mujoco==$version" numpy
    "$python" -c 'import mujoco' >&2
}

once "$dir/ready-$version"
echo "$python"
