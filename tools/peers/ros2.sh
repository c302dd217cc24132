#!/bin/sh
# Prints the path of a Python that has ROS 2 Kilted's rclpy, rmw_fastrtps_cpp and message packages (Python wheels, no ROS
# install needed). Makes it on the first call, under ${ROBOTD_CACHE:-~/.cache/robotd}; later calls only print. Calls at the
# same time wait for each other.
set -eu
me=ros2.sh
. "$(dirname "$0")/lib/setup.sh"

dir=$(cache_folder ros2-kilted)
python="$dir/ros2python"

packages="ros-kilted-rclpy==9.1.2 ros-kilted-rmw-fastrtps-cpp==9.3.3 ros-kilted-sensor-msgs==5.5.1
ros-kilted-std-srvs==5.5.1 ros-kilted-diagnostic-msgs==5.5.1 ros-kilted-rosgraph-msgs==2.3.0
ros-kilted-lifecycle-msgs==2.3.0 ros-kilted-test-msgs==2.3.0"

make_it() {
    # shellcheck disable=SC2086
    make_venv "$dir" $packages
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
}

# Raise the number when the list above changes, so that older environments are made anew.
once "$dir/.made-3"
echo "$python"
