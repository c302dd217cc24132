"""A body for the interop test: real rclpy publishes samples and hears the commands. Prints what it heard as JSON."""

import json
import sys
import time

import rclpy
from geometry_msgs.msg import WrenchStamped
from rclpy.qos import qos_profile_sensor_data as sensor_data
from sensor_msgs.msg import Image, Imu, JointState

names, samples = json.loads(sys.argv[1]), int(sys.argv[2])
rclpy.init()
node = rclpy.create_node("body")
make = lambda kind, topic: node.create_publisher(kind, topic, sensor_data)
joints, imu = make(JointState, "joint_states"), make(Imu, "imu/data")
feet, camera = [make(WrenchStamped, f"{side}_foot/wrench") for side in ("left", "right")], make(Image, "camera/image_raw")
heard = {"joint_command": {}, "joint_gains": {}}
stamp = lambda m: m.header.stamp.sec * 1_000_000_000 + m.header.stamp.nanosec
for topic, store in heard.items():
    # The best that a subscriber may ask for: a best-effort publisher would not match.
    node.create_subscription(JointState, topic, lambda m, store=store: store.__setitem__(stamp(m), m), 10)


def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rclpy.spin_once(node, timeout_sec=0.005)


def send(k, list_of_names):
    messages = [
        (joints, JointState(name=list_of_names, position=[k + i / 100 for i in range(28)], velocity=[-1.0 * k] * 28, effort=[k / 2] * 28)),
        (imu, Imu()),
        (feet[0], WrenchStamped()),
        (feet[1], WrenchStamped()),
    ]
    messages[1][1].angular_velocity.x, messages[1][1].linear_acceleration.z = float(k), 9.81
    messages[2][1].wrench.force.z, messages[3][1].wrench.torque.y = 165.0 + k, -1.0 * k
    for publisher, m in messages:
        m.header.stamp.sec, m.header.stamp.nanosec = 100, k * 1_000_000
        publisher.publish(m)


end = time.monotonic() + 30
while time.monotonic() < end and not (
    all(p.get_subscription_count() for p in (joints, imu, *feet, camera)) and all(node.count_publishers(t) for t in heard)
):
    spin(0.05)
spin(0.5)
send(0, ["tail"] + names[1:])
picture = Image(height=64, width=64, encoding="rgb8", step=192, data=bytes(i % 251 for i in range(64 * 192)))
camera.publish(picture)
for k in range(1, samples + 1):
    send(k, names)
    spin(0.01)
spin(0.5)
both = sorted(set(heard["joint_command"]) & set(heard["joint_gains"]))
last = both[-1] if both else 0
arrays = {t: [list(getattr(s[last], f)) for f in ("position", "velocity", "effort")] if both else [] for t, s in heard.items()}
info = {
    t: [[i.node_namespace + i.node_name, i.topic_type, str(i.topic_type_hash)] for i in node.get_publishers_info_by_topic("/" + t)]
    for t in heard
}
nodes = sorted(ns.rstrip("/") + "/" + n for n, ns in node.get_node_names_and_namespaces())
names_back = list(heard["joint_command"][last].name) if both else []
print(json.dumps({"nodes": nodes, "pairs": len(both), "last": last, "arrays": arrays, "publishers": info, "names": names_back}))
