"""Asks MuJoCo about robot files: a JSON list of requests on standard input, a list of answers on standard output.

Request: {"file": path, "urdf": bool, "joints": [names], "states": [{"qpos", "qvel", "ctrl"}],
"want": ["model", "dynamics", "contacts", "step"]}. The answer holds one entry a wanted thing. With joints, the hinges' numbers in
qpos, qvel and dynamics are in that order, behind those of the floating base, and not in MuJoCo's. A URDF gets a floating base, loses its shapes (meshes may be elsewhere) and has its
mimic joints fixed, as robotd reads it. Frames are MuJoCo's: base velocity linear in world axes, angular in the base's.
"""
import json
import sys
import xml.etree.ElementTree as ET

import mujoco
import numpy as np


def urdf_spec(path):
    root = ET.parse(path).getroot()
    for child in list(root):
        if child.tag not in ("link", "joint"):
            root.remove(child)
    children = {j.find("child").get("link") for j in root.findall("joint")}
    base = next(l.get("name") for l in root.findall("link") if l.get("name") not in children)
    for link in root.findall("link"):
        for shape in link.findall("visual") + link.findall("collision"):
            link.remove(shape)
    for joint in root.findall("joint"):
        if joint.find("mimic") is not None:
            joint.set("type", "fixed")
            joint.remove(joint.find("mimic"))
    ET.SubElement(root, "link", name="referee_world")
    free = ET.SubElement(root, "joint", name="referee_base", type="floating")
    ET.SubElement(free, "parent", link="referee_world")
    ET.SubElement(free, "child", link=base)
    return mujoco.MjSpec.from_string(ET.tostring(root, encoding="unicode"))


def load(request):
    if request.get("urdf"):
        spec = urdf_spec(request["file"])
    else:
        with open(request["file"]) as f:  # by content: MuJoCo goes by the name's end otherwise
            spec = mujoco.MjSpec.from_string(f.read())
    if request.get("bound"):
        spec.compiler.boundinertia = request["bound"]
    return spec.compile()


def name(m, kind, i):
    return mujoco.mj_id2name(m, kind, i) or ""


def model(m):
    obj = mujoco.mjtObj
    bodies = []
    for b in range(1, m.nbody):
        r = np.zeros(9)
        mujoco.mju_quat2Mat(r, m.body_iquat[b])
        r = r.reshape(3, 3)
        full = r @ np.diag(m.body_inertia[b]) @ r.T
        bodies.append({"name": name(m, obj.mjOBJ_BODY, b), "mass": m.body_mass[b], "com": m.body_ipos[b].tolist(),
                       "inertia": full.flatten().tolist(), "parent": name(m, obj.mjOBJ_BODY, m.body_parentid[b])})
    joints = []
    for j in range(m.njnt):
        d = m.jnt_dofadr[j]
        joints.append({"name": name(m, obj.mjOBJ_JOINT, j), "body": name(m, obj.mjOBJ_BODY, m.jnt_bodyid[j]), "type": int(m.jnt_type[j]),
                       "range": m.jnt_range[j].tolist(), "limited": bool(m.jnt_limited[j]), "axis": m.jnt_axis[j].tolist(),
                       "armature": m.dof_armature[d], "damping": float(np.atleast_1d(m.dof_damping[d])[0]),
                       "frictionloss": m.dof_frictionloss[d]})
    motors = [{"name": name(m, obj.mjOBJ_ACTUATOR, a), "joint": name(m, obj.mjOBJ_JOINT, m.actuator_trnid[a, 0]),
               "range": m.actuator_ctrlrange[a].tolist()} for a in range(m.nu)]
    camera = None
    if m.ncam:
        r = np.zeros(9)
        mujoco.mju_quat2Mat(r, m.cam_quat[0])
        camera = {"body": name(m, obj.mjOBJ_BODY, m.cam_bodyid[0]), "pos": m.cam_pos[0].tolist(), "rot": r.tolist(),
                  "fovy": m.cam_fovy[0], "resolution": m.cam_resolution[0].tolist()}
    return {"mass": float(m.body_mass.sum()), "nv": m.nv, "bodies": bodies, "joints": joints, "motors": motors, "camera": camera,
            "key": m.key_qpos[0].tolist() if m.nkey else [], "timestep": m.opt.timestep, "gravity": m.opt.gravity.tolist(),
            "sensors": [name(m, obj.mjOBJ_SENSOR, s) for s in range(m.nsensor)],
            "sites": [name(m, obj.mjOBJ_SITE, s) for s in range(m.nsite)]}


def put(m, d, s):
    mujoco.mj_resetData(m, d)
    d.qpos[:] = s["qpos"]
    d.qvel[:] = s["qvel"]
    if m.nu and s.get("ctrl"):
        d.ctrl[:] = s["ctrl"]


def dynamics(m, d, s):
    put(m, d, s)
    mujoco.mj_forward(m, d)
    full = np.zeros((m.nv, m.nv))
    for i in range(m.nv):
        unit = np.zeros(m.nv)
        unit[i] = 1
        mujoco.mj_mulM(m, d, full[i], unit)
    return {"m": full.flatten().tolist(), "bias": d.qfrc_bias.tolist()}


def contacts(m, d, s):
    put(m, d, s)
    mujoco.mj_forward(m, d)
    geom = mujoco.mjtObj.mjOBJ_GEOM
    return [[name(m, geom, c.geom[0]), name(m, geom, c.geom[1]), float(c.dist)] for c in d.contact]


def step(m, d, s):
    m.opt.tolerance, m.opt.ls_tolerance, m.opt.iterations, m.opt.ls_iterations = 0, 1e-14, 200, 200
    put(m, d, s)
    mujoco.mj_step(m, d)
    floor = mujoco.mj_name2id(m, mujoco.mjtObj.mjOBJ_GEOM, "floor")
    legs = sum(1 for c in d.contact if floor not in c.geom)
    return {"qvel": d.qvel.tolist(), "qpos": d.qpos.tolist(), "ncon": int(d.ncon), "legs": legs, "limits": int(d.nefc - 4 * d.ncon)}


def reordered(m, joints, ask):
    """Wraps dynamics so that question and answer have the hinges in the order of joints."""
    hinges = [m.joint(n) for n in joints]
    if len(hinges) != m.nv - 6:
        raise SystemExit(f"{m.nv - 6} hinges in the file, {len(hinges)} are asked for")
    dof = list(range(6)) + [int(h.dofadr[0]) for h in hinges]

    def wrapped(m, d, s):
        qpos, qvel = np.array(s["qpos"]), np.zeros(m.nv)
        for k, h in enumerate(hinges):
            qpos[h.qposadr[0]] = s["qpos"][7 + k]
        qvel[dof] = s["qvel"]
        answer = ask(m, d, {"qpos": qpos, "qvel": qvel})
        full = np.array(answer["m"]).reshape(m.nv, m.nv)[np.ix_(dof, dof)]
        return {"m": full.flatten().tolist(), "bias": np.array(answer["bias"])[dof].tolist()}

    return wrapped


def answer(request):
    m = load(request)
    d = mujoco.MjData(m)
    out = {}
    for want in request["want"]:
        if want == "model":
            out["model"] = model(m)
            continue
        ask = {"dynamics": dynamics, "contacts": contacts, "step": step}[want]
        if request.get("joints"):
            ask = reordered(m, request["joints"], ask)
        out[want] = [ask(m, d, s) for s in request["states"]]
    return out


json.dump([answer(r) for r in json.load(sys.stdin)], sys.stdout)
