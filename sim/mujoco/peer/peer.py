"""A MuJoCo body on a ROS 2 graph. Usage: peer.py SCENARIO.json

One process runs one scenario. Lines of JSON come out on standard output: {"say": ...} for people, and at the end
{"result": ...}. A failure prints its reason on standard error and exits with 1.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from world import World


def say(text: str) -> None:
    """Tells people how far it is."""
    print(json.dumps({"say": text}), flush=True)


def run(scenario: dict[str, Any]) -> dict[str, Any]:
    """Runs a scenario and returns its result."""
    params = scenario["params"]
    if scenario["mode"] == "floor":
        import floor

        return floor.measure(scenario["mjcf"], params, scenario["floor"], say)
    import loops
    from wire import Wire

    world = World(scenario["mjcf"], params, scenario["seed"])
    world.reset(scenario["seed"], scenario["joint_noise_rad"], scenario["speed_noise_rads"])
    world.pushes = scenario["pushes"]
    wire = Wire(params)
    try:
        wire.wait_matched(scenario["match_s"])
        say("matched: " + ", ".join(wire.nodes()))
        loop = {"lockstep": loops.lockstep, "realtime": loops.real_time}[scenario["mode"]]
        return loop(world, wire, scenario, say)
    finally:
        wire.close()


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        scenario = json.load(f)
    result = run(scenario)
    print(json.dumps({"result": result}), flush=True)
    os._exit(0)  # Fast DDS and Mesa threads have nothing more to say


if __name__ == "__main__":
    main()
