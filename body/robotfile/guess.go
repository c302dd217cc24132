package robotfile

import (
	"math"
	"slices"
	"strings"

	"robotd/body"
	"robotd/internal/rigid"
)

// Guesses for what robot files do not say. They follow the classes of published 35 kg humanoids that the default robot has,
// by torque: 88 N m has 0.0102 kg m² of rotor, 25 N m 0.0036; at peak torque a motor turns 300 W into heat, a small one less.
const (
	guessSpeedRadS = 20.0
	guessGear      = 16
	guessKtNmA     = 0.08
	guessHeatW     = 300
)

// drives fills gains, motors, rotors, amplitudes and the standing pose.
func (b *built) drives() {
	m := b.m
	legs := map[int]bool{}
	for _, end := range []int{m.Feet[0].Link, m.Feet[1].Link, m.Chest} {
		for l := end; l > 0; l = m.Links[l].Parent {
			legs[l] = true
		}
	}
	guessed, rotors := 0, 0
	for j := range m.Joints {
		jt, raw := &m.Joints[j], &b.raw.joints[b.from[j]]
		mo := &jt.Motor
		whole := true
		fill := func(x *float64, guess float64) {
			if !(*x > 0) {
				*x, whole = guess, false
			}
		}
		stiff := 1.6
		if legs[j+1] {
			stiff = 2.2
		}
		if !raw.armatureSaid {
			jt.ArmatureKgM = math.Min(math.Max(1.4e-4*mo.TorqueNm, 0.002), 0.06)
			rotors++
		}
		fill(&jt.KpNmRad, math.Min(math.Max(stiff*mo.TorqueNm, 5), 400))
		fill(&jt.KdNmsRad, jt.KpNmRad/32)
		fill(&mo.SpeedRadS, guessSpeedRadS)
		fill(&mo.Gear, guessGear)
		fill(&mo.KtNmA, guessKtNmA)
		fill(&mo.CopperWNm2, math.Min(guessHeatW, 8*mo.TorqueNm)/(mo.TorqueNm*mo.TorqueNm))
		fill(&mo.ResistOhm, mo.CopperWNm2*math.Pow(mo.KtNmA*mo.Gear, 2))
		fill(&mo.Efficiency, 0.85)
		for _, x := range []float64{jt.KpNmRad, jt.KdNmsRad, mo.SpeedRadS, mo.Gear, mo.KtNmA, mo.CopperWNm2, mo.ResistOhm, mo.Efficiency} {
			if !(x <= maxValue) {
				b.errorf(raw.at, "give gains and motor constants in SI units", "joint %s: %g among its gains and motor constants", jt.Name, x)
				break
			}
		}
		knot := raw.knot
		fill(&knot, math.Min(math.Max(0.15*(jt.UpperRad-jt.LowerRad), 0.1), 0.6))
		m.KnotRad = append(m.KnotRad, knot)
		m.StandRad = append(m.StandRad, raw.stand)
		if !whole {
			guessed++
		}
	}
	if guessed > 0 {
		b.notef(b.raw.at, "write them into the robot's profile", "gains and motor constants of %d joints are guessed from their torque", guessed)
	}
	if rotors > 0 {
		b.notef(b.raw.at, "", "the rotors' inertia of %d joints is guessed from their torque: a URDF does not say it", rotors)
	}
}

// stand sets the standing pose's height, and the angles of joints that the file gives none.
func (b *built) stand() {
	m := b.m
	missing, clipped := 0, []string(nil)
	for j := range m.Joints {
		jt := &m.Joints[j]
		if !b.raw.joints[b.from[j]].standSaid {
			missing++
		}
		if q := min(max(m.StandRad[j], jt.LowerRad), jt.UpperRad); q != m.StandRad[j] {
			m.StandRad[j] = q
			clipped = append(clipped, jt.Name)
		}
	}
	if missing > 0 {
		b.warnf(b.raw.at, "give a standing pose: an MJCF keyframe named stand", "no standing pose: zero angles are taken")
	}
	if len(clipped) > 0 {
		b.notef(b.raw.at, "", "the standing pose is moved into the range of %s", list(clipped))
	}
	at := forward(m, m.StandRad)
	low := math.Inf(1)
	for side := range m.Feet {
		f := &m.Feet[side]
		for _, g := range m.Links[f.Link].Geoms {
			if g.Collide&body.Sole != 0 {
				low = math.Min(low, at[f.Link].then(pose{p: g.PosM, q: rigid.Identity}).p[2]-g.SizeM[0])
			}
		}
		if up := at[f.Link].q.Rotate(body.Vec3{0, 0, 1}); up[2] < 0.9 {
			b.warnf(b.at[f.Link], "give a standing pose: an MJCF keyframe named stand", "%s is not level in the standing pose", m.Links[f.Link].Name)
		}
	}
	if low >= 0 {
		b.warnf(b.raw.at, "let z of the base point up", "the soles are not below the base")
	}
	m.StandHeightM = -low
}

// sensors finds the IMU and the camera.
func (b *built) sensors() {
	m := b.m
	m.IMU = body.Mount{Link: 0, Rot: rigid.Identity}
	if f := b.imuFrame(); f != nil {
		m.IMU = body.Mount{Link: f.link, PosM: f.pose.p, Rot: f.pose.q.Normalized()}
	} else {
		b.warnf(b.raw.at, "name its frame imu", "no IMU frame: it is taken to be at the base's origin")
	}
	m.Camera = body.Camera{Width: 64, Height: 64, FovYRad: 1.2}
	if c := b.raw.camera; c != nil {
		m.Camera = *c
	}
	if f, turn := b.cameraFrame(); f != nil {
		if f.camera != nil {
			m.Camera = *f.camera
		}
		m.Camera.Mount = body.Mount{Link: f.link, PosM: f.pose.p, Rot: f.pose.q.Mul(turn).Normalized()}
		return
	}
	m.Camera.Mount = body.Mount{Link: m.Head, PosM: body.Vec3{0.1, 0, 0.1}, Rot: forwardOptical}
	b.warnf(b.raw.at, "name its frame camera_optical_frame", "no camera frame: it is taken to be in front of %s, looking forward", m.Links[m.Head].Name)
}

// forwardOptical is an optical frame (z forward, x right, y down) that looks along +x.
var forwardOptical = body.Quat{0.5, -0.5, 0.5, -0.5}

// imuFrame prefers an IMU on the base.
func (b *built) imuFrame() *rawFrame {
	var best *rawFrame
	for i := range b.named {
		f := &b.named[i]
		if f.kind == "camera" || !slices.ContainsFunc(words(f.name), func(w string) bool { return w == "imu" }) {
			continue
		}
		if best == nil || b.depth(f.link) < b.depth(best.link) {
			best = f
		}
	}
	return best
}

// cameraFrame returns the camera's frame and the turn that makes it optical: an MJCF camera, an optical frame, or a camera
// frame that looks along its x.
func (b *built) cameraFrame() (*rawFrame, body.Quat) {
	var best *rawFrame
	turn, worth := rigid.Identity, 0
	for i := range b.named {
		f := &b.named[i]
		ws := words(f.name)
		has := func(w string) bool { return slices.Contains(ws, w) }
		value, how := 0, rigid.Identity
		switch {
		case f.kind == "camera":
			if b.depth(f.link) == 0 && f.link != b.m.Head {
				continue // it films the robot
			}
			value, how = 4, body.Quat{0, -1, 0, 0}
			if f.link == b.m.Head {
				value = 5
			}
		case f.kind == "site" || has("imu"):
			continue
		case has("optical") && (has("rgb") || has("color") || has("camera")):
			value = 3
		case has("optical"):
			value = 2
		case has("camera") || has("rgbd") || strings.HasPrefix(f.name, "d435"):
			value, how = 1, forwardOptical
		}
		if value > worth {
			best, turn, worth = f, how, value
		}
	}
	return best, turn
}

// say reports what was left out.
func (b *built) say() {
	if b.raw.meshes > 0 {
		b.warnf(b.raw.mesh, "give links that may touch the floor a box, capsule or sphere as collision",
			"%d meshes are looks only and are not read: what has no other shape is invisible and touches nothing", b.raw.meshes)
	}
	if b.raw.replaced > 0 {
		b.notef(b.raw.other, "", "%d shapes that robotd lacks touch as the nearest capsule, box or sphere", b.raw.replaced)
	}
	if b.raw.fixed {
		b.warnf(b.raw.at, "", "the file bolts the base to the world: robotd lets it float")
	}
}
