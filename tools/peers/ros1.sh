#!/bin/sh
# Makes ROS 1 (roscore, rosnode, rostopic, sensor_msgs for Python) available and prints the path of roscore. On Debian 12 and
# 13 it installs the distribution's own packages when they are missing.
set -eu

have_it() {
    command -v roscore >/dev/null && command -v rostopic >/dev/null && command -v rosnode >/dev/null &&
        /usr/bin/python3 -c 'import rospy, sensor_msgs.msg, geometry_msgs.msg' 2>/dev/null
}

if ! have_it; then
    if ! command -v apt-get >/dev/null; then
        echo "ros1.sh: no roscore found and no apt-get to install it: install ROS 1 (roscore, rostopic, sensor_msgs) on PATH" >&2
        exit 1
    fi
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    export DEBIAN_FRONTEND=noninteractive
    $sudo apt-get update -qq >&2
    $sudo apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends ros-core python3-sensor-msgs >&2
fi
command -v roscore
