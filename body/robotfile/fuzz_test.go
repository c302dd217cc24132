package robotfile

import (
	"math"
	"os"
	"testing"

	"robotd/body"
	"robotd/dynamics"
)

// FuzzLoad: no file makes the reader panic, and what it accepts can be simulated: the mass matrix at the standing pose is
// finite and positive, and the model can be written and read again.
func FuzzLoad(f *testing.F) {
	for _, format := range []string{"mjcf", "urdf", "sdf"} {
		text, err := Export(body.Humanoid(), format)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	foreign, err := os.ReadFile("testdata/foreign.xml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(foreign)
	f.Add([]byte(bipedText()))
	f.Fuzz(func(t *testing.T, data []byte) {
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
				t.Fatalf("mass matrix has %g at %d", x, i)
			}
		}
		text, err := Export(m, "urdf")
		if err != nil {
			t.Fatal(err)
		}
		if again, _, err := parse(text, "again", nil); err != nil || again.NJoints() != m.NJoints() {
			t.Fatalf("written and read again: %v\n%s", err, text)
		}
	})
}
