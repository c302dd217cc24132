#!/bin/sh
# Makes ROS 1 (roscore, rosnode, rostopic, sensor_msgs for Python) available and prints the path of roscore. On Debian 12 and
# 13 it installs the distribution's own packages when they are missing.
set -eu
me=ros1.sh
. "$(dirname "$0")/lib/setup.sh"

have_it() {
    command -v roscore >/dev/null && command -v rostopic >/dev/null && command -v rosnode >/dev/null &&
        /usr/bin/python3 -c 'import rospy, sensor_msgs.msg, geometry_msgs.msg' 2>/dev/null
}

have_it || install_debian ros-core python3-sensor-msgs
command -v roscore
