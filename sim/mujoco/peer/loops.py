"""The two ways in which a controller drives the body: in lockstep, tick by tick, and in real time, at 1 kHz."""

from __future__ import annotations

import gc
import queue
import sys
import threading
import time
from typing import Any, Callable

import numpy as np

from wire import Wire
from world import TICK_NS, TICK_S, UPRIGHT_EVERY, Camera, Command, World

IMAGE_NS = 1_000_000_000 // 30
CLOCK_EVERY = 10  # ticks


class Record:
    """What is kept of a run."""

    def __init__(self, world: World, scenario: dict[str, Any]):
        n = round(scenario["seconds"] * 1000)
        self.ticks_wanted, self.world, self.scenario = n, world, scenario
        self.watts = np.zeros(n)
        self.trip_s = np.full(n, np.nan)  # from publishing a tick's sensors to having their command
        self.fell_ns: int | None = None
        self.resends = self.images = self.damped = self.late = 0
        self.begun, self.cpu_begun = time.perf_counter(), time.process_time()
        self.slips, self.slipped_s = 0, 0.0  # the body's own lateness in real time

    def tick(self) -> bool:
        """Takes down a finished tick; False when the run is over."""
        w = self.world
        self.watts[w.ticks - 1] = w.watts
        if w.ticks % UPRIGHT_EVERY == 0 and self.fell_ns is None and not w.upright():
            self.fell_ns, w.falls = w.now_ns, True
            if self.scenario["stop_on_fall"]:
                return False
        return w.ticks < self.ticks_wanted

    def result(self, wire: Wire) -> dict[str, Any]:
        """The run as JSON holds it."""
        w, wall = self.world, time.perf_counter() - self.begun
        watts, trips = self.watts[: w.ticks], self.trip_s[np.isfinite(self.trip_s)]
        fell_s = None if self.fell_ns is None else self.fell_ns / 1e9
        pushes = w.pushes
        next_push = [p["start_s"] for p in pushes[1:]] + [float("inf")]
        stood = [p["start_s"] < w.ticks * TICK_S and (fell_s is None or fell_s >= end) for p, end in zip(pushes, next_push)]
        simulated = w.ticks * TICK_S
        return {
            "mode": self.scenario["mode"],
            "simulated_s": simulated,
            "wall_s": wall,
            "times_real_time": simulated / wall,
            "cpu_us_per_tick": 1e6 * (time.process_time() - self.cpu_begun) / w.ticks,
            "upright": fell_s is None and w.upright(),
            "fell_at_s": fell_s,
            "knock_n": w.knock_n,
            "pushes": len(pushes),
            "pushes_survived": int(sum(stood)),
            "power_w": {"mean": float(watts.mean()), "peak": float(watts.max()), "source": "model"},
            "violations": int((watts > w.params["budget_w"]).sum()),
            "commands": int(len(trips)),
            "command_hz": len(trips) / wall,
            "lost_ticks": int(w.ticks - len(trips)),
            "late_ticks": self.late,
            "damped_ticks": self.damped,
            "body_slips": self.slips,
            "body_slipped_s": self.slipped_s,
            "resends": self.resends,
            "round_trip_us": _percentiles(trips * 1e6),
            "images": self.images,
            "bad_commands": wire.bad,
            "nodes": wire.nodes(),
        }


def _percentiles(x: np.ndarray) -> dict[str, float]:
    if not len(x):
        return {"p50": 0.0, "p99": 0.0, "max": 0.0}
    return {"p50": float(np.percentile(x, 50)), "p99": float(np.percentile(x, 99)), "max": float(x.max())}


class Eye:
    """Publishes pictures at 30 Hz of simulated time: at once, or from a thread of its own, because a software renderer takes
    several ticks for one. A picture that is due before the last one is done is left out."""

    def __init__(self, world: World, wire: Wire, record: Record, beside: bool):
        self._world, self._wire, self._record, self._due = world, wire, record, 0
        self._wanted: queue.Queue[tuple[np.ndarray, int]] = queue.Queue(1)
        self._camera = None
        if beside:
            threading.Thread(target=self._draw_beside, daemon=True).start()
        else:
            self._camera = Camera(world)

    def look(self) -> None:
        """Draws and sends, or has it done, when it is time to."""
        now = self._world.now_ns
        if now < self._due:
            return
        self._due += IMAGE_NS
        if self._camera is not None:
            self._draw(self._camera, self._world.data.qpos, now)
            return
        try:
            self._wanted.put_nowait((self._world.data.qpos.copy(), now))
        except queue.Full:
            pass

    def _draw(self, camera: Camera, qpos: np.ndarray, stamp_ns: int) -> None:
        self._wire.send_image(camera.look(qpos), stamp_ns)
        self._record.images += 1

    def _draw_beside(self) -> None:
        camera = Camera(self._world)
        while True:
            self._draw(camera, *self._wanted.get())


def lockstep(world: World, wire: Wire, s: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    """Steps only when the command that answers the tick's sensors is there. A lost message costs time, never a tick: the
    sensors are sent again; a controller that stays silent ends the run."""
    record = Record(world, s)
    eye = Eye(world, wire, record, beside=False)
    _quiet()
    going = True
    while going:
        eye.look()
        stamp = world.now_ns
        if world.ticks % CLOCK_EVERY == 0:
            wire.send_clock(stamp)
        sent_at = time.perf_counter()
        messages = wire.send(world.sample(), stamp)
        command = None
        tries = 0
        while command is None:
            for answered, c in wire.receive(s["answer_s"]):
                if answered == stamp:
                    command = c
            if command is None and time.perf_counter() - sent_at > s["answer_s"] * (tries + 1):
                tries += 1
                if tries > s["resends"]:
                    raise SystemExit(
                        f"tick {world.ticks}: no command with stamp {stamp} ns after {tries * s['answer_s']:.1f} s and {tries - 1} resends; "
                        f"refused: {wire.bad or 'none'}; nodes in the graph: {', '.join(wire.nodes())}"
                    )
                record.resends += 1
                wire.resend(messages)
        record.trip_s[world.ticks] = time.perf_counter() - sent_at
        world.tick(command)
        going = record.tick()
        if world.ticks % 5000 == 0:
            say(f"{world.ticks * TICK_S:.0f} s simulated, {world.ticks * TICK_S / (time.perf_counter() - record.begun):.2f} x real time")
    return record.result(wire)


def real_time(world: World, wire: Wire, s: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    """Paces the ticks to the wall clock and drives with the newest command. When none has come for hold_ms, the drives only
    damp. Before time begins to run, the first command is waited for. When this process itself is late by more than a tick,
    the rest of time moves with it, so that no tick is squeezed; each slip is counted."""
    record = Record(world, s)
    eye = Eye(world, wire, record, beside=True)
    eye.look()
    newest, newest_stamp = _first_command(world, wire, s)
    sent: np.ndarray = np.zeros(record.ticks_wanted)
    _quiet()
    record.begun = due = time.perf_counter()
    going = True
    while going:
        tick, stamp = world.ticks, world.now_ns
        sent[tick] = time.perf_counter()
        if (behind := sent[tick] - due) > TICK_S:
            record.slips += 1
            record.slipped_s += behind
            due = sent[tick]
        wire.send(world.sample(), stamp)
        if tick % CLOCK_EVERY == 0:
            wire.send_clock(stamp)
        eye.look()
        due += TICK_S
        answered = False
        while True:  # at least one look, even when the tick is over already
            for newest_stamp, newest in wire.receive(due - time.perf_counter()):
                now = time.perf_counter()
                answered |= newest_stamp == stamp
                k = newest_stamp // TICK_NS
                if 0 <= k <= tick and np.isnan(record.trip_s[k]):
                    record.trip_s[k] = now - sent[k]
            if time.perf_counter() >= due:
                break
        record.late += not answered
        if stamp - newest_stamp > s["hold_ms"] * 1_000_000:
            record.damped += 1
            world.tick(world.drives.damp())
        else:
            world.tick(newest)
        going = record.tick()
        if world.ticks % 5000 == 0:
            say(f"{world.ticks * TICK_S:.0f} s at 1 kHz, {record.late} ticks late")
    return record.result(wire)


def _first_command(world: World, wire: Wire, s: dict[str, Any]) -> tuple[Command, int]:
    messages = wire.send(world.sample(), world.now_ns)
    for _ in range(s["resends"]):
        end = time.perf_counter() + s["answer_s"]
        while time.perf_counter() < end:
            for stamp, command in wire.receive(end - time.perf_counter()):
                return command, stamp
        wire.resend(messages)
    raise SystemExit(f"no command after {s['resends'] * s['answer_s']:.1f} s; refused: {wire.bad or 'none'}")


def _quiet() -> None:
    """Keeps Python's collector out of the loop, in which nothing makes cycles, and lets no thread wait for another."""
    sys.setswitchinterval(1e-4)
    gc.collect()
    gc.freeze()
    gc.disable()
