"""The body's ROS 2 edge: real rclpy on Fast DDS, without an executor.

At a thousand ticks a second Python has no time to build messages field by field. Each message is serialised once by ROS
itself; afterwards only the numbers inside the serialised bytes change, and rclpy sends those as they are. Commands are read
the same way: the first one is deserialised by ROS, and as long as names and lengths stay the same, only numbers are read.
"""

from __future__ import annotations

import math
import struct
import time
from typing import Any

import numpy as np
import rclpy
from geometry_msgs.msg import WrenchStamped
from rclpy.impl.implementation_singleton import rclpy_implementation as rclpy_core
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message, serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, Imu, JointState

from world import Command, Sample

SENSORS = QoSProfile(reliability=ReliabilityPolicy.BEST_EFFORT, history=HistoryPolicy.KEEP_LAST, depth=10)
SEC, NANOSEC = 0x51525354, 0x61626364  # found again in the serialised bytes
MARK = [1.25e101 * (i + 1) for i in range(6)]


def _offset(raw: bytes, pattern: bytes) -> int:
    at = raw.find(pattern)
    if at < 0 or raw.find(pattern, at + 1) >= 0:
        raise RuntimeError(f"serialised message holds the pattern {pattern.hex()} not exactly once")
    return at


def _stamp(message: Any) -> None:
    message.header.stamp.sec, message.header.stamp.nanosec = SEC, NANOSEC


class Template:
    """A serialised message whose stamp and numbers can be changed in place."""

    def __init__(self, message: Any):
        raw = serialize_message(message)
        if raw[1] != 1:
            raise RuntimeError("this computer serialises big-endian: not supported")
        self.raw = bytearray(raw)
        self._at = _offset(raw, struct.pack("<iI", SEC, NANOSEC))

    def doubles(self, mark: float, n: int) -> np.ndarray:
        """The n numbers that begin with mark, as a view into the bytes."""
        return np.frombuffer(self.raw, "<f8", n, _offset(bytes(self.raw), struct.pack("<d", mark)))

    def stamped(self, stamp_ns: int) -> bytes:
        """The message as it is now, with this stamp."""
        struct.pack_into("<iI", self.raw, self._at, stamp_ns // 1_000_000_000, stamp_ns % 1_000_000_000)
        return bytes(self.raw)


class Reader:
    """Reads position, velocity and effort of serialised JointStates into joint order."""

    def __init__(self, names: list[str], fields: tuple[str, ...]):
        self.names, self.fields = names, fields
        self._known = b""
        self._spans: list[slice] = []
        self._offsets: list[int] = []
        self._order: np.ndarray | None = None

    def read(self, raw: bytes) -> tuple[int, list[np.ndarray]]:
        """Stamp in ns and one array a field. ValueError says what is wrong with the message."""
        if b"".join(raw[s] for s in self._spans) != self._known or not self._spans:
            self._learn(raw)
        sec, nanosec = struct.unpack_from("<iI", raw, 4)
        arrays = [np.frombuffer(raw, "<f8", len(self.names), at) for at in self._offsets]
        if self._order is not None:
            arrays = [a[self._order] for a in arrays]
        if not math.isfinite(sum(float(a.sum()) for a in arrays)):
            raise ValueError("holds what is no number")
        return sec * 1_000_000_000 + nanosec, arrays

    def _learn(self, raw: bytes) -> None:
        """Understands names and layout by ROS' own deserialiser, and where the numbers lie by its serialiser."""
        message = deserialize_message(raw, JointState)
        if sorted(message.name) != sorted(self.names):
            raise ValueError(f"joint names differ from the body's: {sorted(set(message.name) ^ set(self.names))[:4]}")
        wanted = {f: MARK[i] for i, f in enumerate(("position", "velocity", "effort"))}
        for field, mark in wanted.items():
            values = getattr(message, field)
            if field in self.fields and len(values) != len(self.names):
                raise ValueError(f"{field} has {len(values)} entries, the body {len(self.names)} joints")
            if len(values):
                setattr(message, field, [mark] + [0.0] * (len(values) - 1))
        lengths = {f: len(getattr(message, f)) for f in wanted}
        _stamp(message)
        model = serialize_message(message)
        if raw[:2] != model[:2] or len(raw) > len(model):
            raise ValueError("serialised in another form than this computer's ROS 2 uses")
        self._offsets = [_offset(model, struct.pack("<d", wanted[f])) for f in self.fields]
        spans, at = [slice(0, 2)], 12
        for field, n in lengths.items():
            if n:
                begin = _offset(model, struct.pack("<d", wanted[field]))
                spans.append(slice(at, begin))
                at = begin + 8 * n
        self._spans = spans if lengths["effort"] else [*spans, slice(at, at + 4)]  # what may follow is padding
        self._known = b"".join(raw[s] for s in self._spans)
        order = [list(message.name).index(n) for n in self.names]
        self._order = None if order == list(range(len(order))) else np.array(order)


class Wire:
    """Node, topics and the wait for commands."""

    def __init__(self, params: dict[str, Any]):
        self.names = [j["name"] for j in params["joints"]]
        rclpy.init()
        self.node = rclpy.create_node("mujoco", enable_rosout=False, start_parameter_services=False)
        self._make_publishers(params)
        n = self.node
        self._subs = [n.create_subscription(JointState, t, lambda _: None, SENSORS, raw=True) for t in ("joint_command", "joint_gains")]
        self._readers = [Reader(self.names, ("position", "velocity", "effort")), Reader(self.names, ("position", "velocity"))]
        self._halves: dict[int, list[list[np.ndarray] | None]] = {}  # by stamp
        self._missing = 1
        self._wait = rclpy_core.WaitSet(1, 0, 0, 0, 0, 0, n.context.handle)
        self.bad: dict[str, int] = {}

    def _make_publishers(self, params: dict[str, Any]) -> None:
        topics = {
            "joint_states": JointState,
            "imu/data": Imu,
            "left_foot/wrench": WrenchStamped,
            "right_foot/wrench": WrenchStamped,
            "camera/image_raw": Image,
            "clock": Clock,
        }
        self._pub = {t: self.node.create_publisher(kind, t, SENSORS) for t, kind in topics.items()}
        n = len(self.names)
        column = lambda i: [MARK[i]] + [0.0] * (n - 1)
        joints = JointState(name=self.names, position=column(0), velocity=column(1), effort=column(2))
        imu, wrench, image = Imu(), WrenchStamped(), Image()
        imu.header.frame_id, image.header.frame_id = "imu", "camera_optical"
        imu.orientation_covariance[0] = -1  # it knows no orientation (REP-145)
        imu.angular_velocity.x, imu.linear_acceleration.x = MARK[0], MARK[1]
        wrench.wrench.force.x = MARK[0]
        c = params["camera"]
        image.height, image.width, image.encoding, image.step = c["height"], c["width"], "rgb8", 3 * c["width"]
        image.data = bytes(image.height * image.step)
        for m in (joints, imu, wrench, image):
            _stamp(m)
        self._joints, self._imu, self._image = Template(joints), Template(imu), Template(image)
        self._numbers = [self._joints.doubles(MARK[i], n) for i in range(3)]
        self._gyro, self._accel = self._imu.doubles(MARK[0], 3), self._imu.doubles(MARK[1], 3)
        self._feet = []
        for link in params["feet"]:
            wrench.header.frame_id = link["link"]
            self._feet.append(Template(wrench))
        self._wrenches = [f.doubles(MARK[0], 6) for f in self._feet]

    def send(self, s: Sample, stamp_ns: int) -> list[tuple[Any, bytes]]:
        """Publishes one sample on its four topics; returns the messages, so that they can be sent again."""
        self._numbers[0][:], self._numbers[1][:], self._numbers[2][:] = s.q, s.dq, s.tau
        self._gyro[:], self._accel[:] = s.gyro, s.accel
        self._wrenches[0][:], self._wrenches[1][:] = s.feet[0], s.feet[1]
        out = [
            (self._pub["joint_states"], self._joints.stamped(stamp_ns)),
            (self._pub["imu/data"], self._imu.stamped(stamp_ns)),
            (self._pub["left_foot/wrench"], self._feet[0].stamped(stamp_ns)),
            (self._pub["right_foot/wrench"], self._feet[1].stamped(stamp_ns)),
        ]
        self.resend(out)
        return out

    @staticmethod
    def resend(messages: list[tuple[Any, bytes]]) -> None:
        """Publishes serialised messages."""
        for publisher, raw in messages:
            publisher.publish(raw)

    def send_image(self, rgb: np.ndarray, stamp_ns: int) -> None:
        """Publishes a picture. Its bytes lie at the end of the serialised message."""
        raw, flat = self._image.raw, rgb.tobytes()
        raw[len(raw) - len(flat) :] = flat
        self._pub["camera/image_raw"].publish(self._image.stamped(stamp_ns))

    def send_clock(self, stamp_ns: int) -> None:
        """Publishes simulated time."""
        m = Clock()
        m.clock.sec, m.clock.nanosec = stamp_ns // 1_000_000_000, stamp_ns % 1_000_000_000
        self._pub["clock"].publish(m)

    def receive(self, timeout_s: float) -> list[tuple[int, Command]]:
        """Waits for messages, at most so long, and takes all that have come. Returns stamps and commands, oldest first: a
        command is both its halves with one stamp."""
        w = self._wait
        w.clear_entities()
        w.add_subscription(self._subs[self._missing].handle)  # one wake-up a command, not two
        w.wait(max(0, int(timeout_s * 1e9)))
        if not w.get_ready_entities("subscription"):
            return []
        whole = []
        for i, sub in enumerate(self._subs):
            while (taken := sub.handle.take_message(JointState, True)) is not None:
                pair = self._half_came(i, taken[0])
                if pair is not None:
                    whole.append(pair)
        if whole or not self._halves:
            self._missing = 1  # the gains, which come second
        else:
            self._missing = int(self._halves[max(self._halves)][0] is not None)
        return whole

    def _half_came(self, i: int, raw: bytes) -> tuple[int, Command] | None:
        try:
            stamp, arrays = self._readers[i].read(raw)
        except ValueError as e:
            self.bad[str(e)] = self.bad.get(str(e), 0) + 1
            return None
        halves = self._halves.setdefault(stamp, [None, None])
        halves[i] = arrays
        desired, gains = halves
        if desired is None or gains is None:
            if len(self._halves) > 64:
                del self._halves[min(self._halves)]
            return None
        del self._halves[stamp]
        return stamp, Command(desired[0], desired[1], desired[2], gains[0], gains[1])

    def wait_matched(self, timeout_s: float) -> None:
        """Waits until one controller reads the sensors and writes the commands; says what is wrong when none comes, or more."""
        end = time.monotonic() + timeout_s
        needed = ("joint_states", "imu/data", "left_foot/wrench", "right_foot/wrench")
        while True:
            missing = [f"nobody subscribes to {t}" for t in needed if not self._pub[t].get_subscription_count()]
            missing += [f"nobody publishes {s.topic_name}" for s in self._subs if not s.get_publisher_count()]
            missing += [f"{k} nodes publish {s.topic_name}" for s in self._subs if (k := s.get_publisher_count()) > 1]
            if not missing:
                return
            if time.monotonic() > end:
                nodes = ", ".join(self.nodes()) or "none"
                raise SystemExit(f"no controller after {timeout_s:.0f} s: {'; '.join(missing)}; nodes in the graph: {nodes}")
            time.sleep(0.05)

    def nodes(self) -> list[str]:
        """What `ros2 node list` prints."""
        return sorted(ns.rstrip("/") + "/" + name for name, ns in self.node.get_node_names_and_namespaces())

    def close(self) -> None:
        """Leaves the graph."""
        self.node.destroy_node()
        rclpy.try_shutdown()
