#!/bin/sh
# Prints the path of a Python with Eclipse Cyclone DDS (the wheel from PyPI, no ROS): a second, independent DDS to judge the
# wire with. Makes it on the first call, under ${ROBOTD_CACHE:-~/.cache/robotd}. Calls at the same time wait for each other.
set -eu
me=cyclonedds.sh
. "$(dirname "$0")/lib/setup.sh"

dir=$(cache_folder cyclonedds)

make_it() {
    make_venv "$dir" cyclonedds==11.0.1
    "$dir/bin/python" -c 'import cyclonedds.domain' >&2
}

once "$dir/.made-1"
echo "$dir/bin/python"
