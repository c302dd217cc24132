"""Writes messages as rclpy serializes them (Fast CDR, through rmw_fastrtps), for the tests of ros2/cdr and ros2/msg.

    $(tools/peers/ros2.sh) tools/referee/ros_cdr.py

Random messages of every generated type that a wheel holds, from a fixed seed, with strings and sequences of odd lengths. One
line a message: full type name, tab, payload in hexadecimal, tab, the values in order of declaration as a JSON list of
strings: booleans true/false, integers decimal, floats as float.hex() has them, sequences preceded by #length. The targets are
ros2/msg/testdata/cdr.tsv and, for test_msgs, ros2/rosidl/testdata/cdr.tsv.
"""
import importlib
import json
import os
import pathlib
import random
import sys
from importlib.metadata import version

from rclpy.serialization import serialize_message
from rosidl_parser import definition as d

ROOT = pathlib.Path(__file__).resolve().parents[2]
RNG = random.Random(20261124)
LETTERS = "abcXYZ _/09é世"
INTEGERS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
UNSIGNED = {"uint8": 8, "char": 8, "octet": 8, "uint16": 16, "uint32": 32, "uint64": 64}


def scalar(t):
    """Returns a random value of a type and its tokens."""
    if isinstance(t, d.NamespacedType):
        return message(getattr(importlib.import_module(".".join(t.namespaces)), t.name))
    if isinstance(t, d.AbstractGenericString):
        room = t.maximum_size if t.has_maximum_size() else 9
        s = "".join(RNG.choice(LETTERS) for _ in range(RNG.randrange(8)))
        if isinstance(t, d.AbstractWString):
            s += RNG.choice(["", "𝄞"])
        while len(s.encode()) > room:
            s = s[:-1]
        return s, [s]
    name = t.typename
    if name == "boolean":
        v = RNG.random() < 0.5
        return v, ["true" if v else "false"]
    if name in INTEGERS:
        v = RNG.choice([RNG.randrange(-100, 100), -(1 << INTEGERS[name] - 1), (1 << INTEGERS[name] - 1) - 1])
        return v, [str(v)]
    if name in UNSIGNED:
        v = RNG.choice([RNG.randrange(100), (1 << UNSIGNED[name]) - 1])
        return (bytes([v]) if name == "octet" else v), [str(v)]
    v = RNG.choice([RNG.randrange(-1 << 20, 1 << 20) / 1024, float("inf"), -0.0])
    return v, [v.hex()]


def value(t):
    if not isinstance(t, d.AbstractNestedType):
        return scalar(t)
    if isinstance(t, d.Array):
        n, tokens = t.size, []
    else:
        n = RNG.randrange(min(t.maximum_size if t.has_maximum_size() else 4, 4) + 1)
        tokens = ["#%d" % n]
    values = []
    for _ in range(n):
        v, more = scalar(t.value_type)
        values.append(v)
        tokens += more
    return values, tokens


def message(cls):
    m, tokens = cls(), []
    for name, t in zip(cls.get_fields_and_field_types(), cls.SLOT_TYPES):
        if name == "structure_needs_at_least_one_member":
            continue
        v, more = value(t)
        setattr(m, name, v)
        tokens += more
    return m, tokens


def classes(tree):
    for path in sorted(tree.glob("*/*/*")):
        package, kind = path.parts[-3:-1]
        try:
            module = importlib.import_module(f"{package}.{kind}")
        except ModuleNotFoundError:
            continue  # tf2_msgs: no wheel holds it
        cls = getattr(module, path.stem)
        if kind == "msg":
            yield f"{package}/msg/{path.stem}", cls
        else:
            yield f"{package}/srv/{path.stem}_Request", cls.Request
            yield f"{package}/srv/{path.stem}_Response", cls.Response


def table(tree, target, each):
    lines = [f"# rclpy {version('rclpy')}, rmw_fastrtps_cpp {version('ros-rmw-fastrtps-cpp')}; by tools/referee/ros_cdr.py"]
    for name, cls in classes(tree):
        for _ in range(each):
            m, tokens = message(cls)
            lines.append("\t".join([name, serialize_message(m).hex(), json.dumps(tokens, ensure_ascii=False)]))
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines) + "\n")
    print(f"{target.relative_to(ROOT)}: {len(lines) - 1} messages")


if __name__ == "__main__":
    # Fast CDR skips padding and leaves there what memory held; glibc can be told to hand out zeros.
    zeros = {"MALLOC_PERTURB_": "255", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
    if any(os.environ.get(k) != v for k, v in zeros.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **zeros})
    table(ROOT / "ros2/msg/idl", ROOT / "ros2/msg/testdata/cdr.tsv", 4)
    table(ROOT / "ros2/rosidl/internal/idl", ROOT / "ros2/rosidl/testdata/cdr.tsv", 2)
