"""The physics: a robot in MuJoCo, its drives, sensors, camera, power meter and the pushes that it gets.

One tick is one physics step of 1 ms. Units are SI; vectors are in the frames that the robot's own simulator uses (world
axes for positions and pushes, link axes for wrenches, the sensor's own axes for the IMU).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

TICK_S = 1e-3
TICK_NS = 1_000_000
UPRIGHT_EVERY = 20  # ticks between looks whether the robot is still upright
LOW_PELVIS, LEANING_CHEST, LEANING_PELVIS = 0.6, 0.7, 0.5  # robotd's body.Balance.Upright


@dataclass
class Command:
    """What the drives follow: torque = tau + kp (q - position) + kd (dq - velocity). One entry a joint."""

    q: np.ndarray
    dq: np.ndarray
    tau: np.ndarray
    kp: np.ndarray
    kd: np.ndarray


class Drives:
    """The motors: PD law with feed-forward, cut by peak torque and by the torque-speed line; their electrical power."""

    def __init__(self, joints: list[dict[str, Any]], base_w: float):
        column = lambda key: np.array([float(j[key]) for j in joints])
        self.n = len(joints)
        self.stand, self.kp, self.kd = column("stand_rad"), column("kp"), column("kd")
        self.peak, self.speed = column("peak_nm"), column("speed_rads")
        self.copper, self.per_efficiency = column("copper_w_nm2"), 1 / column("efficiency")
        self.base_w = base_w
        self._twice = 2 * self.peak
        self._line = self._twice / self.speed  # slope of the torque-speed line, N m s/rad
        self._tau, self._a, self._bound = np.zeros(self.n), np.zeros(self.n), np.zeros(self.n)

    def hold(self) -> Command:
        """The standing pose under the joints' own gains."""
        zero = np.zeros(self.n)
        return Command(self.stand.copy(), zero, zero.copy(), self.kp.copy(), self.kd.copy())

    def damp(self) -> Command:
        """No stiffness, the joints' own damping: what drives do when nobody commands them any more."""
        zero = np.zeros(self.n)
        return Command(self.stand.copy(), zero, zero.copy(), zero.copy(), self.kd.copy())

    def torque(self, c: Command, q: np.ndarray, dq: np.ndarray) -> np.ndarray:
        """Torque at the joints, N m; the array is reused by the next call. What is no number gives no torque."""
        tau, a, bound = self._tau, self._a, self._bound
        np.subtract(c.q, q, out=tau)
        tau *= c.kp
        np.subtract(c.dq, dq, out=a)
        a *= c.kd
        tau += a
        tau += c.tau
        # From twice the peak at rest to zero at no-load speed, along the torque; braking is bounded by the peak alone.
        np.copysign(dq, dq * tau, out=a)
        a *= self._line
        np.subtract(self._twice, a, out=bound)
        np.minimum(bound, self.peak, out=bound)
        np.maximum(bound, 0, out=bound)
        np.minimum(tau, bound, out=tau)
        np.negative(bound, out=bound)
        np.maximum(tau, bound, out=tau)
        if not math.isfinite(tau.sum()):
            tau[~np.isfinite(tau)] = 0
        return tau

    def power(self, tau: np.ndarray, before: np.ndarray, after: np.ndarray) -> float:
        """Electrical power at the bus, W: copper heat and mechanical power at the worse of two speeds, no credit for braking."""
        mech = np.maximum(tau * before, tau * after)
        np.maximum(mech, 0, out=mech)
        return self.base_w + float(np.dot(self.copper, tau * tau) + np.dot(mech, self.per_efficiency))


class Sample:
    """One noisy sample of the body's senses; the arrays are views of one vector."""

    def __init__(self, vector: np.ndarray, tau: np.ndarray, n: int):
        self.q, self.dq, self.tau = vector[:n], vector[n : 2 * n], tau
        self.gyro, self.accel = vector[2 * n : 2 * n + 3], vector[2 * n + 3 : 2 * n + 6]
        self.feet = vector[2 * n + 6 :].reshape(2, 6)  # force, moment


class World:
    """One robot on a floor. Everything random comes from the seed."""

    def __init__(self, mjcf: str, params: dict[str, Any], seed: int):
        self.params = params
        self.drives = Drives(params["joints"], params["base_w"])
        self.model = _compile(mjcf, params)
        m = self.model
        self.data = mujoco.MjData(m)
        self.gravity = -float(m.opt.gravity[2])
        q = [int(_joint(m, j["name"]).qposadr[0]) for j in params["joints"]]
        v = [int(_joint(m, j["name"]).dofadr[0]) for j in params["joints"]]
        if q != list(range(q[0], q[0] + len(q))) or v != list(range(v[0], v[0] + len(v))):
            raise SystemExit(f"{mjcf}: its joints stand in another order than the body's")
        # Views of MuJoCo's own arrays, which stay where they are.
        self._q, self._dq = self.data.qpos[q[0] : q[-1] + 1], self.data.qvel[v[0] : v[-1] + 1]
        self._applied = self.data.qfrc_applied[v[0] : v[-1] + 1]
        body = lambda name: _body(m, name)
        self.pelvis, self.chest = body(params["pelvis"]), body(params["chest"])
        self.feet = [body(f["link"]) for f in params["feet"]]
        self._sole = [tuple(float(x) for x in f["sole_m"]) for f in params["feet"]]
        self._touch = [int(m.sensor(TOUCH + f["link"]).adr[0]) for f in params["feet"]]
        self._mass = float(m.body_subtreemass[self.pelvis])
        imu = params["imu"]
        self._imu, self._imu_at, self._imu_rot = body(imu["link"]), np.array(imu["pos_m"], dtype=float), _matrix(imu["quat"])
        self._six = np.zeros((6, 1))
        z = params["noise"]
        foot = 3 * [z["force"]] + 3 * [z["moment"]]
        self._sigma = np.array(self.drives.n * [z["q"]] + self.drives.n * [z["dq"]] + 3 * [z["gyro"]] + 3 * [z["accel"]] + 2 * foot)
        self.reset(seed, 0.0, 0.0)

    def reset(self, seed: int, joint_noise: float, speed_noise: float) -> None:
        """Puts the robot into its standing pose, soles on the floor; noise in rad and rad/s, one standard deviation."""
        d, m, p = self.data, self.model, self.params
        self.rng = np.random.default_rng(seed)
        mujoco.mj_resetData(m, d)
        d.qpos[0:3], d.qpos[3:7] = (0, 0, p["stand_height_m"]), (1, 0, 0, 0)
        noisy = self.drives.stand + joint_noise * self.rng.standard_normal(self.drives.n)
        low, high = self._range()
        self._q[:] = np.clip(noisy, low, high)
        self._dq[:] = speed_noise * self.rng.standard_normal(self.drives.n)
        mujoco.mj_kinematics(m, d)
        d.qpos[2] -= min(self._sole_heights())
        mujoco.mj_step1(m, d)
        noise, n = p["noise"], self.drives.n
        self._bias = np.zeros(2 * n + 18)
        self._bias[2 * n : 2 * n + 3] = noise["gyro_bias"] * self.rng.standard_normal(3)
        self._bias[2 * n + 3 : 2 * n + 6] = noise["accel_bias"] * self.rng.standard_normal(3)
        self.ticks, self.tau, self.watts = 0, np.zeros(n), 0.0
        self.falls, self.knock_n = False, 0.0  # once it falls: the hardest knock so far
        load = self._mass * self.gravity / 2
        self._feelings = np.array([0, 0, 0, 0, 0, self.gravity] + 2 * [0, 0, load, 0, 0, 0], dtype=float)
        self._velocity = self._turn()
        self.pushes: list[dict[str, Any]] = []

    @property
    def now_ns(self) -> int:
        """Simulated time, ns."""
        return self.ticks * TICK_NS

    def tick(self, command: Command) -> None:
        """One physics step under the drives' law."""
        d, m = self.data, self.model
        tau, before = self.drives.torque(command, self._q, self._dq), self._dq.copy()
        self._applied[:] = tau
        self._push()
        mujoco.mj_step2(m, d)
        self._feelings[6:] = self._ground()  # kinematics still are those of the step
        if self.falls:
            self.knock_n = max(self.knock_n, self._knock())
        self.tau = tau.copy()
        self.watts = self.drives.power(tau, before, self._dq)
        self.ticks += 1
        mujoco.mj_step1(m, d)
        was, self._velocity = self._velocity, self._turn()
        x, y, z = ((a - b) / TICK_S for a, b in zip(self._velocity, was))
        self._feelings[3:6] = np.array((x, y, z + self.gravity)) @ self._imu_axes

    def quick_tick(self, command: Command) -> None:
        """As tick, for runs in which nobody reads sensors or power."""
        self._applied[:] = self.drives.torque(command, self._q, self._dq)
        self._push()
        mujoco.mj_step2(self.model, self.data)
        self.ticks += 1
        mujoco.mj_step1(self.model, self.data)

    def sample(self) -> Sample:
        """The senses at the present, with noise."""
        n = self.drives.n
        x = self.rng.standard_normal(2 * n + 18)
        x *= self._sigma
        x += self._bias
        x[:n] += self._q
        x[n : 2 * n] += self._dq
        x[2 * n :] += self._feelings
        return Sample(x, self.tau, n)

    def upright(self) -> bool:
        """Whether the robot has not fallen, by the same rule as in robotd's own simulator."""
        d = self.data
        height = d.xpos[self.pelvis, 2] - min(self._sole_heights())
        return bool(
            height > LOW_PELVIS * self.params["stand_height_m"]
            and d.xmat[self.chest, 8] >= LEANING_CHEST
            and d.xmat[self.pelvis, 8] >= LEANING_PELVIS
        )

    def _sole_heights(self) -> list[float]:
        d, out = self.data, []
        for foot, (x, y, z) in zip(self.feet, self._sole):
            a, b, c = d.xmat[foot, 6:9].tolist()
            out.append(float(d.xpos[foot, 2]) + a * x + b * y + c * z)
        return out

    def _push(self) -> None:
        """Sets the force of the pushes that act now, at the chest's centre of mass."""
        if not self.pushes:
            return
        force = self.data.xfrc_applied[self.chest]
        force[:] = 0
        now = self.ticks * TICK_S
        for p in self.pushes:
            since = now - p["start_s"]
            if -1e-9 <= since < p["duration_s"] - 1e-9:
                force[:3] += np.array(p["impulse_ns"]) / p["duration_s"]

    def _turn(self) -> tuple[float, float, float]:
        """Writes the turning rate that the IMU feels and keeps its axes; returns the velocity of its point in world axes."""
        d = self.data
        mujoco.mj_objectVelocity(self.model, d, mujoco.mjtObj.mjOBJ_XBODY, self._imu, self._six, 0)
        link = d.xmat[self._imu].reshape(3, 3)
        wx, wy, wz, vx, vy, vz = self._six.ravel().tolist()
        x, y, z = (link @ self._imu_at).tolist()
        self._imu_axes = link @ self._imu_rot
        self._feelings[0:3] = self._six[:3, 0] @ self._imu_axes
        return vx + wy * z - wz * y, vy + wz * x - wx * z, vz + wx * y - wy * x

    def _ground(self) -> list[float]:
        """Ground force and moment on left and right foot at the sole centres, in the foot links' axes."""
        d, out = self.data, []
        for foot, at, sole in zip(self.feet, self._touch, self._sole):
            fx, fy, fz, tx, ty, tz, x, y, z = d.sensordata[at : at + 9].tolist()  # torque about the point x, y, z; world axes
            a, b, c, e, f, g, h, i, j = d.xmat[foot].tolist()
            ox, oy, oz = d.xpos[foot].tolist()
            sx, sy, sz = sole
            x -= ox + a * sx + b * sy + c * sz
            y -= oy + e * sx + f * sy + g * sz
            z -= oz + h * sx + i * sy + j * sz
            tx, ty, tz = tx + y * fz - z * fy, ty + z * fx - x * fz, tz + x * fy - y * fx
            out += [a * fx + e * fy + h * fz, b * fx + f * fy + i * fz, c * fx + g * fy + j * fz]
            out += [a * tx + e * ty + h * tz, b * tx + f * ty + i * tz, c * tx + g * ty + j * tz]
        return out

    def _knock(self) -> float:
        """The greatest normal force of one contact between the floor and a link that is no foot, N."""
        m, d, worst, force = self.model, self.data, 0.0, self._six.ravel()
        for i, pair in enumerate(d.contact.geom):
            one, other = m.geom_bodyid[pair]
            if (one == 0) != (other == 0) and max(one, other) not in self.feet:
                mujoco.mj_contactForce(m, d, i, force)
                worst = max(worst, float(force[0]))
        return worst

    def _range(self) -> tuple[np.ndarray, np.ndarray]:
        r = np.array([_joint(self.model, j["name"]).range for j in self.params["joints"]])
        return r[:, 0], r[:, 1]


class Camera:
    """The robot's eye, drawn off screen, from a copy of the state, so that it may be drawn beside the physics. It belongs to
    the thread that made it."""

    def __init__(self, world: World):
        c, self._model = world.params["camera"], world.model
        self._data = mujoco.MjData(world.model)
        self._renderer = mujoco.Renderer(world.model, c["height"], c["width"])
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            self._renderer.scene.flags[flag] = 0

    def look(self, qpos: np.ndarray) -> np.ndarray:
        """The picture at these positions, rgb8, (height, width, 3)."""
        d, m = self._data, self._model
        d.qpos[:] = qpos
        mujoco.mj_kinematics(m, d)
        mujoco.mj_comPos(m, d)
        mujoco.mj_camlight(m, d)
        self._renderer.update_scene(d, EYE)
        return self._renderer.render()


EYE, TOUCH = "robotd_eye", "robotd_touch_"


def _compile(mjcf: str, params: dict[str, Any]) -> mujoco.MjModel:
    """Loads the robot and adds what an experiment needs: physics at 1 kHz, a floor and light if the file has none, the eye."""
    spec = mujoco.MjSpec.from_file(mjcf)
    spec.option.timestep = TICK_S
    spec.option.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_ACTUATION)  # the drives here are the peer's own
    if not any(g.type == mujoco.mjtGeom.mjGEOM_PLANE for g in spec.worldbody.geoms):
        raise SystemExit(f"{mjcf}: no floor: the world body needs a plane")
    if not list(spec.worldbody.lights):
        spec.worldbody.add_light(pos=[1, 1, 3], dir=[-0.35, -0.45, -0.82])
    c = params["camera"]
    # A larger buffer, samples and shadows would cost a software renderer a tick's time many times over.
    spec.visual.global_.offwidth, spec.visual.global_.offheight, spec.visual.quality.offsamples = c["width"], c["height"], 0
    link = spec.body(c["link"])
    if link is None:
        raise SystemExit(f"{mjcf}: no body {c['link']!r} to carry the camera")
    # MuJoCo's cameras look along -z with y up; an optical frame has z forward and y down.
    w, x, y, z = c["quat"]
    link.add_camera(name=EYE, pos=c["pos_m"], quat=[-x, w, z, -y], fovy=np.degrees(c["fovy_rad"]))
    for f in params["feet"]:
        # The net force of the world on the foot: force, torque and its point (bits 1, 2 and 4), reduced to one (3).
        spec.add_sensor(
            name=TOUCH + f["link"],
            type=mujoco.mjtSensor.mjSENS_CONTACT,
            objtype=mujoco.mjtObj.mjOBJ_BODY,
            objname="world",
            reftype=mujoco.mjtObj.mjOBJ_BODY,
            refname=f["link"],
            intprm=[22, 3, 1],
        )
    return spec.compile()


def _joint(m: mujoco.MjModel, name: str) -> Any:
    try:
        return m.joint(name)
    except KeyError:
        raise SystemExit(f"the MJCF has no joint {name!r}") from None


def _body(m: mujoco.MjModel, name: str) -> int:
    try:
        return m.body(name).id
    except KeyError:
        raise SystemExit(f"the MJCF has no body {name!r}") from None


def _matrix(quat: list[float]) -> np.ndarray:
    out = np.zeros(9)
    mujoco.mju_quat2Mat(out, np.array(quat, dtype=float))
    return out.reshape(3, 3)
