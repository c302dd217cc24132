"""The floor that any planner has to beat: how large a push merely holding the standing pose survives.

No ROS here: the pose is held by the same drives, in the same physics, and judged by the same rule.
"""

from __future__ import annotations

import ctypes
import math
import multiprocessing
import os
import signal
import sys
from typing import Any

import numpy as np

from world import UPRIGHT_EVERY, World

_world: World | None = None


def _begin(mjcf: str, params: dict[str, Any]) -> None:
    """Makes the worker's own world. Where the system can, workers die with their parent."""
    global _world
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    _world = World(mjcf, params, 0)


def _episode(job: tuple[int, float, float, dict[str, Any]]) -> bool:
    seed, push, angle, s = job
    w = _world
    assert w is not None
    w.reset(seed, s["joint_noise_rad"], s["speed_noise_rads"])
    w.pushes = [{"start_s": s["quiet_s"], "duration_s": 0.1, "impulse_ns": [push * math.cos(angle), push * math.sin(angle), 0.0]}]
    hold = w.drives.hold()
    for _ in range(round((s["quiet_s"] + 0.1 + s["after_s"]) * 1000)):
        w.quick_tick(hold)
        if w.ticks % UPRIGHT_EVERY == 0 and not w.upright():
            return False
    return True


def measure(mjcf: str, params: dict[str, Any], s: dict[str, Any], say: Any) -> dict[str, Any]:
    """Bisects the impulse: a few episodes a level until the bracket is narrow, then many around it. The directions of a level
    are spread over the circle. Returns all levels."""
    rng = np.random.default_rng(s["seed"])
    low, high, levels = s["low_ns"], s["high_ns"], []
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _begin, (mjcf, params)) as pool:

        def level(push: float, n: int) -> bool:
            turn = rng.random()
            jobs = [(int(rng.integers(2**31)), push, 2 * math.pi * (i + turn) / n, s) for i in range(n)]
            stood = sum(pool.imap_unordered(_episode, jobs, chunksize=2))
            levels.append({"push_ns": push, "successes": stood, "episodes": n})
            say(f"hold: push {push:.2f} N s: {stood}/{n} upright")
            return 2 * stood >= n

        while high / low > s["bracket"]:
            middle = math.sqrt(low * high)
            low, high = (middle, high) if level(middle, s["scouts"]) else (low, middle)
        middle, spread = math.sqrt(low * high), math.sqrt(s["bracket"])
        for push in (middle / spread, middle, middle * spread):
            level(push, s["episodes"])
    return {"levels": levels}
