#!/bin/sh
# Prints the folder of the field's own robot files (PyPI example-robot-data: Unitree G1, iCub, Talos, Romeo and others), to read
# them with ours. The first call downloads 131 MB into the cache; calls at the same time wait for it. Licences differ by robot:
# nothing of it is copied into this repository.
set -eu
me=robots.sh
. "$(dirname "$0")/lib/setup.sh"

version=6.0.0
dir=$(cache_folder robots)

make_it() {
    python=$(sh "$(dirname "$0")/mujoco.sh")
    rm -rf "$dir"
    nice -n 10 "$python" -m pip install -q --disable-pip-version-check --no-deps --no-compile --target "$dir" \
        "example-robot-data==$version" >&2
}

once "$dir/ready-$version"
echo "$dir/cmeel.prefix/share/example-robot-data/robots"
