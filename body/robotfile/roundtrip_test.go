package robotfile

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"robotd/body"
)

// TestRoundTrip: what Export writes, Load reads back as the same robot, without a word to say about it.
func TestRoundTrip(t *testing.T) {
	for _, format := range []string{"mjcf", "urdf"} {
		for name, want := range map[string]*body.Model{"plain": body.Humanoid(), "skew": skew()} {
			t.Run(format+" "+name, func(t *testing.T) { roundTrip(t, want, format) })
		}
	}
}

// skew is the humanoid with products of inertia, slanted axes and turned shapes, which the plain one does not have.
func skew() *body.Model {
	m := body.Humanoid()
	for i := range m.Links {
		in := &m.Links[i].Inert
		in[3], in[4], in[5] = 0.02*in[2], -0.01*in[2], 0.005*in[2]
		for k := range m.Links[i].Geoms {
			g := &m.Links[i].Geoms[k]
			g.PosM[0] += 0.001 * float64(k)
			if g.Shape != body.Sphere {
				g.Rot = body.Quat{0.8, 0.1, -0.5, 0.3}.Normalized()
			}
		}
	}
	for j := range m.Joints {
		m.Joints[j].Axis = body.Vec3{0.6, 0, 0.8}
	}
	m.IMU = body.Mount{Link: m.Chest, PosM: body.Vec3{0.01, 0.02, 0.03}, Rot: body.Quat{0.5, 0.5, -0.5, 0.5}}
	for side := range m.Feet { // where the spheres now are
		for k := range m.Feet[side].CornerM {
			m.Feet[side].CornerM[k][0] += 0.001 * float64(k)
		}
	}
	return m
}

func roundTrip(t *testing.T, want *body.Model, format string) {
	text, err := Export(want, format)
	if err != nil {
		t.Fatal(err)
	}
	got, findings, err := parse(text, "humanoid."+format, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if !strings.Contains(f.Text, "is not level in the standing pose") { // of the skew one
			t.Errorf("finding on our own file: %s", f)
		}
	}
	if want.Joints[0].Axis[0] != 0 { // the height of the skew pose is computed
		want.StandHeightM = got.StandHeightM
	}
	sameModel(t, got, want)
}

// near compares numbers up to what angles in roll, pitch and yaw lose.
func near(t *testing.T, what string, got, want any) {
	t.Helper()
	a, b := fmt.Sprint(got), fmt.Sprint(want)
	if a == b {
		return
	}
	x, y := numbersOf(a), numbersOf(b)
	for i := range x {
		if len(x) != len(y) || math.Abs(x[i]-y[i]) > 1e-12 {
			t.Errorf("%s: %s, want %s", what, a, b)
			return
		}
	}
}

func numbersOf(s string) (out []float64) {
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("[]{} ", r) }) {
		var v float64
		if _, err := fmt.Sscan(f, &v); err != nil {
			v = math.NaN()
		}
		out = append(out, v)
	}
	return out
}

func sameModel(t *testing.T, got, want *body.Model) {
	t.Helper()
	if got.Name != want.Name || len(got.Links) != len(want.Links) || got.NJoints() != want.NJoints() {
		t.Fatalf("%s with %d links, want %s with %d", got.Name, len(got.Links), want.Name, len(want.Links))
	}
	for i := range want.Links {
		g, w := &got.Links[i], &want.Links[i]
		if g.Name != w.Name || g.Parent != w.Parent || len(g.Geoms) != len(w.Geoms) {
			t.Fatalf("link %d: %s below %d with %d geoms, want %s below %d with %d", i, g.Name, g.Parent, len(g.Geoms), w.Name, w.Parent, len(w.Geoms))
		}
		near(t, w.Name+" mass", g.MassKg, w.MassKg)
		near(t, w.Name+" com", g.ComM, w.ComM)
		near(t, w.Name+" inertia", g.Inert, w.Inert)
		for k := range w.Geoms {
			a, b := g.Geoms[k], w.Geoms[k]
			what := fmt.Sprintf("%s geom %d", w.Name, k)
			near(t, what+" place", a.PosM, b.PosM)
			near(t, what+" turn", a.Rot.Mat(), b.Rot.Mat())
			near(t, what+" size", a.SizeM, b.SizeM)
			if a.Shape != b.Shape || a.Collide != b.Collide || a.RGB != b.RGB {
				t.Errorf("%s: %+v, want %+v", what, a, b)
			}
		}
	}
	for j := range want.Joints {
		g, w := got.Joints[j], want.Joints[j]
		near(t, w.Name+" origin", g.OriginM, w.OriginM)
		near(t, w.Name+" turn", g.Rot.Mat(), w.Rot.Mat())
		g.OriginM, g.Rot = w.OriginM, w.Rot
		if g != w {
			t.Errorf("joint %+v, want %+v", g, w)
		}
	}
	near(t, "stand", got.StandRad, want.StandRad)
	near(t, "knot", got.KnotRad, want.KnotRad)
	near(t, "height", got.StandHeightM, want.StandHeightM)
	for side := range want.Feet {
		near(t, "sole", got.Feet[side].SoleM, want.Feet[side].SoleM)
		near(t, "corners", got.Feet[side].CornerM, want.Feet[side].CornerM)
		if got.Feet[side].Link != want.Feet[side].Link {
			t.Errorf("foot %d is link %d", side, got.Feet[side].Link)
		}
	}
	if got.Hands != want.Hands || got.Chest != want.Chest || got.Head != want.Head {
		t.Errorf("hands %v, chest %d, head %d; want %v, %d, %d", got.Hands, got.Chest, got.Head, want.Hands, want.Chest, want.Head)
	}
	near(t, "camera", got.Camera, want.Camera)
	near(t, "IMU", got.IMU, want.IMU)
}
