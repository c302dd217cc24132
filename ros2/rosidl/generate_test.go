package rosidl

import (
	"strings"
	"testing"
)

func parsed(t *testing.T, text string) *Set {
	t.Helper()
	m, err := ParseMessage("f.msg", "p", "M", text)
	if err != nil {
		t.Fatal(err)
	}
	return &Set{Messages: map[string]*Message{m.Name: m}}
}

var plain = Layout{CDR: cdrPath, Msg: msgPath, Import: func(p string) string { return p }}

func TestGoNames(t *testing.T) {
	for in, want := range map[string]string{"frame_id": "FrameID", "k": "K", "x2_y": "X2Y", "id": "ID", "idle": "Idle"} {
		if got := camel(in); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"JointState": "joint_state", "TFMessage": "tf_message", "Imu": "imu", "Float64": "float64",
		"CameraInfo": "camera_info", "ID": "id"} {
		if got := snake(in); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

func TestAwkwardDefinitions(t *testing.T) {
	out, err := parsed(t, "string type_name\nfloat32 f nan\nfloat64[2] g [-0.0, -inf]\nint8 type 3\nwstring<=7 w\nstring<=3[<=2] s\n").Generate("p", plain)
	if err != nil {
		t.Fatal(err)
	}
	src := string(out["m_msg.go"])
	for _, want := range []string{"TypeName_ string", "m.F = float32(math.NaN())", "m.G = [2]float64{math.Copysign(0, -1), math.Inf(-1)}",
		"m.Type = 3", "w.WStringMax(m.W, 7)", "m.W = r.WStringMax(m.W, 7)", "w.StringsMax(m.S[:w.LenMax(len(m.S), 2)], 3)",
		"m.S = r.StringSeq(m.S, 2, 3)", "// at most 2 elements, at most 3 bytes", "// at most 7 UTF-16 units"} {
		if !strings.Contains(strings.Join(strings.Fields(src), " "), want) {
			t.Errorf("no %q in\n%s", want, src)
		}
	}
	for text, want := range map[string]string{
		"int8 a1\nint8 a_1": "fields a1 and a_1 would both be called A1",
		"float64 LIMIT=inf": "constant LIMIT = +Inf has no Go form",
	} {
		_, err := parsed(t, text).Generate("p", plain)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := parsed(t, "").Generate("q", plain); err == nil || !strings.Contains(err.Error(), "package q defines no message") {
		t.Errorf("a package without messages: %v", err)
	}
	if _, err := parsed(t, "").Hash("p/msg/N"); err == nil || !strings.Contains(err.Error(), "p/msg/N is not among the definitions") {
		t.Errorf("hash of the unknown: %v", err)
	}
}
