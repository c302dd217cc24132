"""The other end of the ROS 1 tests, in rospy.

    peer.py brain JOINTS SAMPLES     answers every joint state with a command: position + 0.5, kp 100 + index, names reversed
    peer.py plant JOINTS SAMPLES     sends samples at 200 Hz, names reversed, and prints the commands that answer them

JOINTS is a JSON list of [name, position]. Prints "ready" when its topics are connected, and one JSON object at its end.
"""
import json
import sys
import threading

import rospy
from geometry_msgs.msg import WrenchStamped
from sensor_msgs.msg import Imu, JointState

TOPICS = {"joint_states": JointState, "imu/data": Imu, "left_foot/wrench": WrenchStamped, "right_foot/wrench": WrenchStamped}
COMMANDS = {"joint_command": JointState, "joint_gains": JointState}
HZ = 200
PATIENCE_S = 240
IN_FLIGHT = 16  # samples without an answer; both ends queue more than that


def wait(condition):
    for _ in range(PATIENCE_S * 100):
        if condition() or rospy.is_shutdown():
            return
        rospy.sleep(0.01)


def pair(pubs, names, stamp, q, dq, tau, kp, kd):
    command = JointState(name=names, position=q, velocity=dq, effort=tau)
    gains = JointState(name=names, position=kp, velocity=kd)
    command.header.stamp = gains.header.stamp = stamp
    pubs["joint_gains"].publish(gains)
    pubs["joint_command"].publish(command)


def brain(joints, samples):
    heard = {"imu/data": 0, "left_foot/wrench": 0, "right_foot/wrench": 0, "joint_states": 0}
    last, done = {}, threading.Event()
    pubs = {t: rospy.Publisher(t, c, queue_size=1000) for t, c in COMMANDS.items()}

    def other(m, topic):
        heard[topic] += 1
        last[topic] = m

    def state(m):
        heard["joint_states"] += 1
        back = list(range(len(m.name)))[::-1]
        pair(pubs, [m.name[i] for i in back], m.header.stamp, [m.position[i] + 0.5 for i in back],
             [m.velocity[i] for i in back], [m.effort[i] for i in back], [100.0 + i for i in back], [1.0 + i for i in back])
        last["joint_states"] = m
        if heard["joint_states"] >= samples:
            done.set()

    for t in ("imu/data", "left_foot/wrench", "right_foot/wrench"):
        rospy.Subscriber(t, TOPICS[t], other, callback_args=t)
    wait(lambda: all(p.get_num_connections() for p in pubs.values()))
    rospy.Subscriber("joint_states", JointState, state)
    print("ready", flush=True)
    done.wait(PATIENCE_S)
    sys.stdin.readline()  # the other end says when it has seen enough
    imu, left, right = last.get("imu/data"), last.get("left_foot/wrench"), last.get("right_foot/wrench")
    js = last.get("joint_states")
    print(json.dumps({
        "heard": heard, "names": js.name if js else [],
        "imu": [imu.header.frame_id, imu.orientation_covariance[0], imu.angular_velocity.x, imu.linear_acceleration.z],
        "left": [left.header.frame_id, left.wrench.force.z], "right": [right.header.frame_id, right.wrench.torque.x]}), flush=True)


def plant(joints, samples):
    names = [n for n, _ in joints][::-1]
    rest = [q for _, q in joints][::-1]
    halves, whole, lock, done = {}, [], threading.Lock(), threading.Event()

    def half(m, kind):
        key = (m.header.stamp.secs, m.header.stamp.nsecs)
        with lock:
            other = halves.pop((key, 1 - kind), None)
            if other is None:
                halves[(key, kind)] = m
                return
            c, g = (m, other) if kind == 0 else (other, m)
            whole.append([key[0], key[1], c.name, c.position, c.velocity, c.effort, g.name, g.position, g.velocity])
            if len(whole) >= samples:
                done.set()

    pubs = {t: rospy.Publisher(t, c, queue_size=1000) for t, c in TOPICS.items()}
    subs = [rospy.Subscriber(t, JointState, half, callback_args=i) for i, t in enumerate(COMMANDS)]
    wait(lambda: all(p.get_num_connections() for p in pubs.values()) and all(s.get_num_connections() for s in subs))
    print("ready", flush=True)
    rate = rospy.Rate(HZ)
    for i in range(1, samples + 1):
        stamp = rospy.Time(1_700_000_000, i * 1_000_000)
        imu, state, feet = Imu(), JointState(name=names, position=rest, velocity=[0.0] * len(rest), effort=[]), []
        imu.linear_acceleration.z, imu.orientation_covariance[0] = 9.81, -1
        for _ in range(2):
            feet.append(WrenchStamped())
            feet[-1].wrench.force.z = 170.0
        for m in (imu, state, *feet):
            m.header.stamp = stamp
        pubs["imu/data"].publish(imu)
        pubs["left_foot/wrench"].publish(feet[0])
        pubs["right_foot/wrench"].publish(feet[1])
        if i == 1:
            rospy.sleep(0.5)  # the first sample needs all its parts, which travel on connections of their own
        pubs["joint_states"].publish(state)
        rate.sleep()
        wait(lambda: i - len(whole) < IN_FLIGHT)
    done.wait(PATIENCE_S)
    with lock:
        print(json.dumps({"pairs": len(whole), "some": whole[::97]}), flush=True)


if __name__ == "__main__":
    rospy.init_node("peer_" + sys.argv[1], disable_signals=True)
    {"brain": brain, "plant": plant}[sys.argv[1]](json.loads(sys.argv[2]), int(sys.argv[3]))
