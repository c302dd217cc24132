#!/bin/sh
# Prints the path of a Python that has ROS 2 Kilted's rclpy, rmw_fastrtps_cpp and message packages (Python wheels, no ROS
# install needed). Makes it on the first call, under ${ROBOTD_CACHE:-~/.cache/robotd}; later calls only print. Calls at the
# same time wait for each other.
set -eu

cache=${ROBOTD_CACHE:-${HOME:-/var/tmp}/.cache/robotd}
mkdir -p "$cache"
dir=$(cd "$cache" && pwd)/ros2-kilted
# Raise the number when the list below changes, so that older environments are made anew.
stamp="$dir/.made-3"
python="$dir/ros2python"

packages="ros-kilted-rclpy==9.1.2 ros-kilted-rmw-fastrtps-cpp==9.3.3 ros-kilted-sensor-msgs==5.5.1
ros-kilted-std-srvs==5.5.1 ros-kilted-diagnostic-msgs==5.5.1 ros-kilted-rosgraph-msgs==2.3.0
ros-kilted-lifecycle-msgs==2.3.0 ros-kilted-test-msgs==2.3.0"

say() { echo "ros2.sh: $*" >&2; }

# The wheels are built for CPython 3.10 to 3.13; the first interpreter that can make a virtual environment is taken.
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
    say "making $dir (once, about 200 MB)"
    rm -rf "$dir"
    "$base" -m venv "$dir"
    "$dir/bin/python" -m pip install -q --disable-pip-version-check wheel >&2
    # shellcheck disable=SC2086
    "$dir/bin/python" -m pip install -q --disable-pip-version-check $packages >&2
    # The wheels set LD_LIBRARY_PATH and AMENT_PREFIX_PATH themselves (ros_wheels_bootstrapper.pth); the wrapper keeps
    # settings of another ROS install out of their way. Logging needs a home.
    cat >"$python.new" <<EOF
#!/bin/sh
unset PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH LD_LIBRARY_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
: "\${ROS_LOG_DIR:=$dir/log}" "\${RMW_IMPLEMENTATION:=rmw_fastrtps_cpp}"
export ROS_LOG_DIR RMW_IMPLEMENTATION
exec "$dir/bin/python" "\$@"
EOF
    chmod +x "$python.new"
    mv "$python.new" "$python"
    "$python" -c 'import rclpy, sensor_msgs, test_msgs, diagnostic_msgs, std_srvs' >&2
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
echo "$python"
