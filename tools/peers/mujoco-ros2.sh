#!/bin/sh
# Prints the path of a Python that has MuJoCo 4 and ROS 2 Kilted's rclpy on Fast DDS in one environment, and can render off
# screen without a GPU: the foreign body that robotd drives over a real ROS 2 graph. Makes it on the first call, under
# ${ROBOTD_CACHE:-~/.cache/robotd}; later calls only print. Calls at the same time wait for each other.
set -eu
me=mujoco-ros2.sh
. "$(dirname "$0")/lib/setup.sh"

dir=$(cache_folder mujoco-ros2)
python="$dir/mujoco-ros2-python"

packages="mujoco==4.0.0 ros-kilted-rclpy==9.1.2 ros-kilted-rmw-fastrtps-cpp==9.3.3 ros-kilted-sensor-msgs==5.5.1 numpy"

make_it() {
    # shellcheck disable=SC2086
    make_venv "$dir" $packages
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
    draws 2>/dev/null || install_debian libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri
    draws
    "$python" -c 'import rclpy, sensor_msgs.msg, geometry_msgs.msg, rosgraph_msgs.msg' >&2
}

# One frame by Mesa's software renderer.
draws() {
    "$python" -c 'import mujoco
r = mujoco.Renderer(mujoco.MjModel.from_xml_string("<mujoco/>"), 16, 16)
r.render()' >&2
}

# Raise the number when the list above changes, so that older environments are made anew.
once "$dir/.made-1"
echo "$python"
