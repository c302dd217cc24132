#!/bin/sh
# Prints the path of a Python that has MuJoCo 4 and ROS 2 Kilted's rclpy on Fast DDS in one environment, and can render off
# screen without a GPU: the foreign body that robotd drives over a real ROS 2 graph. Makes it on the first call, under
# ${ROBOTD_CACHE:-~/.cache/robotd}; later calls only print. Calls at the same time wait for each other.
set -eu

cache=${ROBOTD_CACHE:-${HOME:-/var/tmp}/.cache/robotd}
mkdir -p "$cache"
dir=$(cd "$cache" && pwd)/mujoco-ros2
# Raise the number when the list below changes, so that older environments are made anew.
stamp="$dir/.made-1"
python="$dir/mujoco-ros2-python"

packages="mujoco==4.0.0 ros-kilted-rclpy==9.1.2 ros-kilted-rmw-fastrtps-cpp==9.3.3 ros-kilted-sensor-msgs==5.5.1 numpy"

say() { echo "mujoco-ros2.sh: $*" >&2; }

install() {
    if ! command -v apt-get >/dev/null; then
        say "missing: $*, and no apt-get to install them: install the packages of those names for your system"
        return 1
    fi
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    $sudo apt-get update -qq >&2
    # shellcheck disable=SC2086
    $sudo apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@" >&2
}

# The wheels are built for CPython 3.10 to 3.13; the first interpreter that can make a virtual environment is taken.
pick_python() {
    for name in /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3.13 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

make_it() {
    base=$(pick_python) || { install python3 python3-venv && base=$(pick_python); }
    say "making $dir (once, about 500 MB)"
    rm -rf "$dir"
    nice -n 10 "$base" -m venv "$dir"
    # shellcheck disable=SC2086
    nice -n 10 "$dir/bin/python" -m pip install -q --disable-pip-version-check wheel $packages >&2
    # The ROS wheels set LD_LIBRARY_PATH and AMENT_PREFIX_PATH themselves (ros_wheels_bootstrapper.pth); the wrapper keeps
    # settings of another ROS install out of their way. Small arrays need no threads of a linear algebra library.
    cat >"$python.new" <<END
#!/bin/sh
unset PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH LD_LIBRARY_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
: "\${ROS_LOG_DIR:=$dir/log}" "\${RMW_IMPLEMENTATION:=rmw_fastrtps_cpp}" "\${FASTDDS_BUILTIN_TRANSPORTS:=UDPv4}"
: "\${MUJOCO_GL:=egl}" "\${OMP_NUM_THREADS:=1}" "\${OPENBLAS_NUM_THREADS:=1}"
export ROS_LOG_DIR RMW_IMPLEMENTATION FASTDDS_BUILTIN_TRANSPORTS MUJOCO_GL OMP_NUM_THREADS OPENBLAS_NUM_THREADS
exec "$dir/bin/python" "\$@"
END
    chmod +x "$python.new"
    mv "$python.new" "$python"
    draws 2>/dev/null || install libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri
    draws
    "$python" -c 'import rclpy, sensor_msgs.msg, geometry_msgs.msg, rosgraph_msgs.msg' >&2
    : >"$stamp"
}

# One frame by Mesa's software renderer.
draws() {
    "$python" -c 'import mujoco
r = mujoco.Renderer(mujoco.MjModel.from_xml_string("<mujoco/>"), 16, 16)
r.render()' >&2
}

if [ ! -e "$stamp" ]; then
    command -v flock >/dev/null || { say "flock is missing: install util-linux"; exit 1; }
    (
        flock 9
        [ -e "$stamp" ] || make_it
    ) 9>"$dir.lock"
    [ -e "$stamp" ] || exit 1
fi
echo "$python"
