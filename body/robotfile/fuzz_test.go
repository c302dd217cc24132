package robotfile

import (
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"

	"robotd/body"
	"robotd/dynamics"
)

// smallMJCF is a robot of few lines, so that mutations hit something.
const smallMJCF = `<mujoco><compiler angle="radian"/><default><geom size="0.05"/><default class="a"><joint armature="0.01"/></default></default>
<worldbody><body name="base" childclass="a"><freejoint/><geom type="box" size="0.1 0.1 0.1"/><site name="imu"/>
<body name="left_foot" pos="0 0.1 -0.4"><joint name="l" axis="0 1 0" range="-1 1" pos="0 0 0.1" ref="0.1"/><geom type="box" size="0.1 0.05 0.02"/></body>
<frame euler="0 0 0.1"><body name="right_foot" pos="0 -0.1 -0.4"><joint name="r" axis="0 1 0" range="-1 1"/><joint name="s" axis="1 0 0"/>
<geom type="capsule" fromto="0 0 0 0.1 0 0"/><camera name="c" zaxis="1 0 0"/></body></frame></body></worldbody>
<actuator><motor joint="l" ctrlrange="-5 5"/><position joint="r" kp="9" forcerange="-5 5"/><motor joint="s" gear="3" ctrlrange="-1 1"/></actuator>
<keyframe><key qpos="0 0 1 1 0 0 0 0 0 0"/></keyframe></mujoco>`

// FuzzLoad: no file makes the reader panic, and what it accepts can be simulated.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(smallMJCF))
	f.Add([]byte(bipedText()))
	f.Add([]byte(`<sdf version="1.9"/>`))
	f.Fuzz(judge)
}

// judge reads a file. Of an accepted one the mass matrix in the standing pose is finite and positive, and the model can be
// written and read again.
func judge(t *testing.T, data []byte) {
	m, _, err := parse(data, "fuzz", nil)
	if (m == nil) != (err != nil) {
		t.Fatalf("model %v with error %v", m, err)
	}
	if m == nil {
		return
	}
	dm := dynamics.New(m)
	k, zero := dm.NewData(), make([]float64, m.NJoints())
	k.Kinematics(body.Vec3{0, 0, m.StandHeightM}, body.Quat{1, 0, 0, 0}, body.Vec3{}, body.Vec3{}, m.StandRad, zero)
	k.MassMatrix()
	for i := range dm.NV() {
		if x := k.M[i*dm.NV()+i]; !(x > 0) || math.IsInf(x, 0) {
			t.Fatalf("mass matrix has %g at %d\n%s", x, i, data)
		}
	}
	text, err := Export(m, "urdf")
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if again, _, err := parse(text, "again", nil); err != nil || again.NJoints() != m.NJoints() {
		t.Fatalf("written and read again: %v\n%s", err, text)
	}
}

var (
	attribute = regexp.MustCompile(`"[^"]*"`)
	element   = regexp.MustCompile(`<[^<>]*/>`)
	// evil are values that break readers: signs, sizes, kinds, names that are elsewhere.
	evil = []string{``, `0`, `-1`, `1e-300`, `1e6`, `nan`, `0 0 0`, `1 2`, `1 0 0 0`, `0 0 0 0`, `base`, `left_foot`, `pelvis`, `fixed`, `free`, `ball`,
		`slide`, `continuous`, `floating`, `mesh`, `plane`, `left_knee`, `class`, `main`, `sole`, `true`, `false`, `-1 1`, `1 -1`, `1e6 1e6 1e6`, `1e5`}
)

// TestMutants changes sound files in the words of their formats, where random bytes would only break the XML: values are
// replaced and swapped, elements left out and doubled.
func TestMutants(t *testing.T) {
	seeds := []string{smallMJCF, bipedText()}
	for _, format := range []string{"mjcf", "urdf"} {
		text, err := Export(body.Humanoid(), format)
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, string(text))
	}
	foreign, err := os.ReadFile("testdata/foreign.xml")
	if err != nil {
		t.Fatal(err)
	}
	seeds = append(seeds, string(foreign))
	rounds := 600
	rng := rand.New(rand.NewPCG(5, 1))
	accepted := 0
	for range rounds {
		text := seeds[rng.IntN(len(seeds))]
		for range 1 + rng.IntN(4) {
			text = mutate(text, rng)
		}
		if m, _, _ := parse([]byte(text), "mutant", nil); m != nil {
			accepted++
		}
		judge(t, []byte(text))
	}
	t.Logf("%d mutants, %d accepted", rounds, accepted)
	if accepted < rounds/20 || accepted > rounds*19/20 {
		t.Errorf("%d of %d accepted: the mutants are too wild or too tame", accepted, rounds)
	}
}

func mutate(text string, rng *rand.Rand) string {
	pattern := attribute
	if rng.IntN(4) == 0 {
		pattern = element
	}
	all := pattern.FindAllStringIndex(text, -1)
	if len(all) == 0 {
		return text
	}
	a := all[rng.IntN(len(all))]
	b := all[rng.IntN(len(all))]
	put := ""
	switch {
	case pattern == element && rng.IntN(2) == 0: // left out
	case pattern == element || rng.IntN(3) == 0:
		put = text[b[0]:b[1]]
	default:
		put = `"` + evil[rng.IntN(len(evil))] + `"`
	}
	return text[:a[0]] + put + text[a[1]:]
}
