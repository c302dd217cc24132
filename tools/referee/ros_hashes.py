"""Writes the type hashes that ROS 2 itself ships for the interfaces that robotd generates.

    $(tools/peers/ros2.sh) tools/referee/ros_hashes.py

One line a type: full name, tab, RIHS01 hash; sorted; to ros2/msg/testdata/hashes.tsv and, for test_msgs, to
ros2/rosidl/testdata/hashes.tsv. A package that no wheel holds (tf2_msgs) is hashed by ROS's own rosidl_adapter and
rosidl_generator_type_description from the definition here.
"""
import json
import pathlib
import sys
import tempfile
from importlib.metadata import version

from rosidl_adapter.msg import convert_msg_to_idl
from rosidl_generator_type_description import generate_type_hash

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARE = pathlib.Path(sys.prefix) / "share"


def shipped(package, kind, name):
    """Returns the hashes of a type and of all that it contains from the file that ROS installs beside it."""
    path = SHARE / package / kind / (name + ".json")
    if not path.exists():
        return generated(package, kind, name)
    return {h["type_name"]: h["hash_string"] for h in json.loads(path.read_text())["type_hashes"]}


def generated(package, kind, name):
    """Hashes a definition of ours with ROS's own tools."""
    source = ROOT / "ros2/msg/idl" / package / kind / (name + ".msg")
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        (tmp / kind).mkdir()
        (tmp / kind / source.name).write_text(source.read_text())
        convert_msg_to_idl(tmp, package, pathlib.Path(kind) / source.name, tmp / kind)
        arguments = tmp / "arguments.json"
        arguments.write_text(json.dumps({
            "package_name": package, "output_dir": str(tmp / "out"), "idl_tuples": [f"{tmp}:{kind}/{name}.idl"],
            "include_paths": [f"{p.name}:{p}" for p in SHARE.iterdir()]}))
        generate_type_hash(str(arguments))
        out = json.loads((tmp / "out" / kind / (name + ".json")).read_text())
    return {h["type_name"]: h["hash_string"] for h in out["type_hashes"]}


def table(tree, target):
    packages = {p.name for p in tree.iterdir() if p.is_dir()}
    hashes = {}
    for path in sorted(tree.glob("*/*/*")):
        package, kind = path.parts[-3:-1]
        hashes.update(shipped(package, kind, path.stem))
    versions = " ".join(f"{p} {version(p)}" for p in sorted(packages) if (SHARE / p).exists())
    lines = [f"# ROS 2 Kilted: {versions}; rosidl {version('rosidl_generator_type_description')}; by tools/referee/ros_hashes.py"]
    lines += [f"{n}\t{h}" for n, h in sorted(hashes.items()) if n.split("/")[0] in packages]
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines) + "\n")
    print(f"{target.relative_to(ROOT)}: {len(lines) - 1} hashes")


if __name__ == "__main__":
    table(ROOT / "ros2/msg/idl", ROOT / "ros2/msg/testdata/hashes.tsv")
    table(ROOT / "ros2/rosidl/internal/idl", ROOT / "ros2/rosidl/testdata/hashes.tsv")
