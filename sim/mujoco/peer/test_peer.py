"""Tests of the body: laws of physics, MuJoCo's own answers, and ROS' own serialiser. SCENARIO names the scenario file."""

import json
import os
import struct
import unittest

import mujoco
import numpy as np
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import JointState

from wire import MARK, Reader, Template
from world import EYE, TICK_S, Command, World

with open(os.environ["SCENARIO"], encoding="utf-8") as f:
    JOB = json.load(f)
NAMES = [j["name"] for j in JOB["params"]["joints"]]
N = len(NAMES)


def world(**noise):
    params = json.loads(json.dumps(JOB["params"]))
    params["noise"] = {k: noise.get(k, 0.0) for k in params["noise"]}
    return World(JOB["mjcf"], params, 1)


class Drive(unittest.TestCase):
    def test_law_against_scalars(self):
        d, rng = world().drives, np.random.default_rng(2)
        cut = 0
        for _ in range(200):
            c = Command(*(rng.normal(0, s, N) for s in (1, 5, 10)), d.kp, d.kd)
            q, dq = rng.normal(0, 1, N), rng.normal(0, 20, N)
            got = d.torque(c, q, dq)
            for j, p in enumerate(JOB["params"]["joints"]):
                tau = c.tau[j] + p["kp"] * (c.q[j] - q[j]) + p["kd"] * (c.dq[j] - dq[j])
                along = dq[j] if tau > 0 else -dq[j]
                bound = p["peak_nm"]
                if along > 0:
                    bound = min(bound, max(0, 2 * p["peak_nm"] * (1 - along / p["speed_rads"])))
                cut += bound < min(abs(tau), p["peak_nm"])
                self.assertAlmostEqual(got[j], max(-bound, min(bound, tau)), places=9)
        self.assertGreater(cut, 100)

    def test_what_is_no_number_gives_no_torque(self):
        d = world().drives
        c = d.hold()
        c.q[3] = np.nan
        tau = d.torque(c, np.zeros(N), np.zeros(N)).copy()
        self.assertEqual(tau[3], 0)
        self.assertTrue(np.isfinite(tau).all() and np.abs(tau).max() > 1)

    def test_power_has_no_credit_for_braking(self):
        d = world().drives
        tau, still = np.full(N, 3.0), np.zeros(N)
        copper = sum(9 * j["copper_w_nm2"] for j in JOB["params"]["joints"])
        self.assertAlmostEqual(d.power(tau, still, still), JOB["params"]["base_w"] + copper)
        self.assertAlmostEqual(d.power(tau, still - 1, still - 1), d.power(tau, still, still))
        work = sum(3 * 2 / j["efficiency"] for j in JOB["params"]["joints"])
        self.assertAlmostEqual(d.power(tau, still + 2, still), JOB["params"]["base_w"] + copper + work)


class Physics(unittest.TestCase):
    def test_stands_on_its_weight(self):
        w = world()
        for _ in range(1500):
            w.tick(w.drives.hold())
        s = w.sample()
        self.assertTrue(w.upright())
        weight = w.model.body_subtreemass[w.pelvis] * w.gravity
        self.assertAlmostEqual(s.feet[:, 2].sum() / weight, 1, delta=0.01)
        self.assertAlmostEqual(s.accel[2], w.gravity, delta=0.05)
        self.assertLess(np.abs(s.gyro).max(), 0.02)

    def test_wrenches_against_mujocos_contacts(self):
        w = world()
        w.pushes = [{"start_s": 0.1, "duration_s": 0.3, "impulse_ns": [12.0, 9.0, 0.0]}]
        d, m, crossed = w.data, w.model, 0
        for k in range(600):
            c = w.drives.hold()
            c.q[:6] += np.array([0, -0.5, 0, 0, 0, 0]) * (k > 150)  # the left leg swings against the right one
            w.quick_tick(c)
            d.qfrc_applied[:] = 0
            mujoco.mj_forward(m, d)
            got, local = w._ground(), np.zeros(6)
            crossed += any(m.geom_bodyid[d.contact.geom[i]].all() for i in range(d.ncon))
            for side, foot in enumerate(w.feet):
                force, moment = np.zeros(3), np.zeros(3)
                axes = d.xmat[foot].reshape(3, 3)
                sole = d.xpos[foot] + axes @ w._sole[side]
                for i in range(d.ncon):
                    first, second = m.geom_bodyid[d.contact.geom[i]]
                    if {int(first), int(second)} != {0, foot}:
                        continue
                    mujoco.mj_contactForce(m, d, i, local)
                    f = (1 if second == foot else -1) * (local[:3] @ d.contact.frame[i].reshape(3, 3))
                    force, moment = force + f, moment + np.cross(d.contact.pos[i] - sole, f)
                want = np.concatenate([force @ axes, moment @ axes])
                np.testing.assert_allclose(got[6 * side : 6 * side + 6], want, atol=1e-6)
        self.assertGreater(crossed, 20)

    def test_falling_freely_it_feels_nothing(self):
        w = world()
        w.data.qpos[2] += 3
        w.data.qvel[:6] = [0.3, 0.1, 0, 0, 0, 0]
        mujoco.mj_step1(w.model, w.data)
        w._velocity = w._turn()
        for _ in range(20):
            w.tick(w.drives.damp())
        s = w.sample()
        np.testing.assert_allclose(s.accel, 0, atol=0.5)  # the legs' damping stirs the pelvis a little
        np.testing.assert_allclose(s.feet, 0, atol=1e-9)

    def test_a_push_leaves_its_impulse(self):
        w = world()
        w.data.qpos[2] += 3
        w.model.opt.gravity[2] = 0
        mujoco.mj_step1(w.model, w.data)
        w.pushes = [{"start_s": 0.01, "duration_s": 0.1, "impulse_ns": [7.0, -4.0, 0.0]}]
        for _ in range(150):
            w.quick_tick(w.drives.hold())
        mujoco.mj_subtreeVel(w.model, w.data)
        momentum = w.data.subtree_linvel[w.pelvis] * w.model.body_subtreemass[w.pelvis]
        np.testing.assert_allclose(momentum, [7, -4, 0], atol=1e-3)

    def test_noise_has_the_wanted_spread_and_seed(self):
        a, b = world(q=0.01, gyro=0.1, force=2.0), world(q=0.01, gyro=0.1, force=2.0)
        rows = np.array([np.concatenate([s.q, s.gyro, s.feet[0, :3]]) for s in (a.sample() for _ in range(2000))])
        np.testing.assert_allclose(rows.std(axis=0), [0.01] * N + [0.1] * 3 + [2] * 3, rtol=0.1)
        b.sample()
        np.testing.assert_array_equal(rows[1][:N], b.sample().q)

    def test_the_eye_looks_along_the_optical_axis(self):
        w = world()
        c = JOB["params"]["camera"]
        link, mount = w.model.body(c["link"]).id, np.zeros(9)
        mujoco.mju_quat2Mat(mount, np.array(c["quat"]))
        optical = w.data.xmat[link].reshape(3, 3) @ mount.reshape(3, 3)
        eye = w.model.camera(EYE).id
        got = w.data.cam_xmat[eye].reshape(3, 3)
        np.testing.assert_allclose(got, optical * np.array([1, -1, -1]), atol=1e-9)
        np.testing.assert_allclose(w.data.cam_xpos[eye], w.data.xpos[link] + w.data.xmat[link].reshape(3, 3) @ c["pos_m"], atol=1e-9)
        self.assertGreater(-got[0, 2], 0.8)  # it looks ahead, and down
        self.assertLess(-got[2, 2], -0.2)


class Bytes(unittest.TestCase):
    def message(self, names=NAMES, effort=True):
        n = len(names)
        m = JointState(name=names, position=[i + 0.5 for i in range(n)], velocity=[-1.0 * i for i in range(n)])
        if effort:
            m.effort = [2.0 * i for i in range(n)]
        m.header.stamp.sec, m.header.stamp.nanosec = 12, 345
        return m

    def test_reads_by_name_and_in_place(self):
        r = Reader(NAMES, ("position", "velocity", "effort"))
        for order in (NAMES, NAMES[::-1], NAMES[::-1], NAMES):
            stamp, (q, dq, tau) = r.read(serialize_message(self.message(order)))
            self.assertEqual(stamp, 12_000_000_345)
            for j, name in enumerate(NAMES):
                i = order.index(name)
                self.assertEqual((q[j], dq[j], tau[j]), (i + 0.5, -i, 2 * i))

    def test_gains_have_no_effort(self):
        stamp, (kp, kd) = Reader(NAMES, ("position", "velocity")).read(serialize_message(self.message(effort=False)))
        self.assertEqual((stamp, kp[2], kd[2]), (12_000_000_345, 2.5, -2))

    def test_refuses_what_is_wrong(self):
        for bad in (self.message(NAMES[1:]), self.message(["tail"] + NAMES[1:]), self.message(effort=False)):
            r = Reader(NAMES, ("position", "velocity", "effort"))
            r.read(serialize_message(self.message()))
            with self.assertRaises(ValueError):
                r.read(serialize_message(bad))
        nan = self.message()
        nan.velocity[4] = float("nan")
        with self.assertRaises(ValueError):
            Reader(NAMES, ("position", "velocity", "effort")).read(serialize_message(nan))

    def test_template_is_what_ros_would_write(self):
        m = JointState(name=NAMES, position=[MARK[0]] + [0.0] * (N - 1))
        m.header.stamp.sec, m.header.stamp.nanosec = struct.unpack("<iI", struct.pack("<iI", 0x51525354, 0x61626364))
        t = Template(m)
        t.doubles(MARK[0], N)[:] = np.arange(N)
        back = deserialize_message(t.stamped(7_000_000_008), JointState)
        self.assertEqual((back.header.stamp.sec, back.header.stamp.nanosec), (7, 8))
        self.assertEqual((list(back.position), list(back.name)), ([float(i) for i in range(N)], NAMES))


if __name__ == "__main__":
    unittest.main()
