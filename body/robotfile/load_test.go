package robotfile

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"robotd/body"
)

func TestExportRefuses(t *testing.T) {
	if _, err := Export(body.Humanoid(), "usd"); err == nil || !strings.Contains(err.Error(), "mjcf, urdf or sdf") {
		t.Errorf("unknown format: %v", err)
	}
	short := body.Humanoid()
	short.StandRad = short.StandRad[:3]
	massless := body.Humanoid()
	massless.Links[3].MassKg = 0
	crossed := body.Humanoid()
	crossed.Links[2].Parent, crossed.Joints[1].Parent = 0, 0
	crossed.Links[3].Parent, crossed.Joints[2].Parent = 1, 1
	for want, m := range map[string]*body.Model{"standing angles": short, "no mass": massless, "depth-first": crossed, "as a foot": {
		Links: make([]body.Link, 1), Chest: 7}} {
		if _, err := Export(m, "mjcf"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, have %v", want, err)
		}
	}
}

// biped is the smallest robot that stands: a base and two legs of two joints.
const biped = `<robot name="biped">
  <link name="base"><inertial><mass value="5"/><inertia ixx="0.1" iyy="0.1" izz="0.1"/></inertial></link>
LEFT
RIGHT
</robot>
`

const leg = `  <link name="SIDE_shank"><inertial><mass value="2"/><inertia ixx="0.01" iyy="0.01" izz="0.01"/></inertial></link>
  <link name="SIDE_foot"><inertial><mass value="1"/><inertia ixx="0.001" iyy="0.001" izz="0.001"/></inertial>
    <collision><origin xyz="0.03 0 -0.03"/><geometry><box size="0.2 0.08 0.02"/></geometry></collision></link>
  <joint name="SIDE_hip" type="revolute"><origin xyz="0 Y 0"/><parent link="base"/><child link="SIDE_shank"/><axis xyz="0 1 0"/>
    <limit lower="-1" upper="1" effort="50" velocity="10"/></joint>
  <joint name="SIDE_ankle" type="revolute"><origin xyz="0 0 -0.4"/><parent link="SIDE_shank"/><child link="SIDE_foot"/><axis xyz="0 1 0"/>
    <limit lower="-1" upper="1" effort="50" velocity="10"/></joint>`

func bipedText() string {
	l := strings.NewReplacer("SIDE", "left", "Y", "0.1").Replace(leg)
	r := strings.NewReplacer("SIDE", "right", "Y", "-0.1").Replace(leg)
	return strings.NewReplacer("LEFT", l, "RIGHT", r).Replace(biped)
}

func TestSmallestBiped(t *testing.T) {
	m, findings, err := parse([]byte(bipedText()), "biped.urdf", nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(m.StandHeightM-0.44) > 1e-12 || m.NJoints() != 4 || math.Abs(m.MassKg()-11) > 1e-12 {
		t.Errorf("base at %g m, %d joints, %g kg", m.StandHeightM, m.NJoints(), m.MassKg())
	}
	near(t, "corners", m.Feet[0].CornerM, [4]body.Vec3{{0.13, 0.04, -0.04}, {0.13, -0.04, -0.04}, {-0.07, 0.04, -0.04}, {-0.07, -0.04, -0.04}})
	soles := 0
	for _, g := range m.Links[m.Feet[1].Link].Geoms {
		if g.Collide == body.Sole {
			soles++
		}
	}
	if soles != 4 {
		t.Errorf("%d sole spheres", soles)
	}
	said := ""
	for _, f := range findings {
		said += f.String() + "\n"
	}
	for _, want := range []string{"no standing pose", "no IMU frame", "no head found", "no camera frame", "rotors' inertia of 4 joints"} {
		if !strings.Contains(said, want) {
			t.Errorf("no finding says %q:\n%s", want, said)
		}
	}
}

// placeOf returns line:column of a string in a text, as an editor counts them.
func placeOf(text, part string) string {
	i := strings.Index(text, part)
	return fmt.Sprintf("biped.urdf:%d:%d", 1+strings.Count(text[:i], "\n"), i-strings.LastIndex(text[:i], "\n"))
}

// TestFaultsAreNamed plants one fault each in a sound URDF and wants its place (that of the element at), cause and remedy.
func TestFaultsAreNamed(t *testing.T) {
	const inertial = `<inertial><mass value="1"/><inertia ixx="0.001" iyy="0.001" izz="0.001"/></inertial>`
	for _, c := range []struct{ name, from, to, at, text string }{
		{"unknown parent", `<parent link="left_shank"/>`, `<parent link="left_shin"/>`, `<parent link="left_shin"`, `its parent link "left_shin" is not there`},
		{"unknown child", `<child link="left_foot"/>`, `<child link="foot"/>`, `<child link="foot"`, `its child link "foot" is not there`},
		{"missing child", `<child link="left_foot"/>`, ``, `<joint name="left_ankle"`, "joint left_ankle has no child"},
		{"missing limit", `<limit lower="-1" upper="1" effort="50" velocity="10"/>`, ``, `<joint name="left_hip"`, "joint left_hip has no limit"},
		{"no torque", `effort="50"`, ``, `<limit lower="-1" upper="1"  `, "joint left_hip: torque limit 0"},
		{"empty range", `lower="-1"`, `lower="1"`, `<limit lower="1"`, "range [1, 1]"},
		{"second link", `<link name="left_foot"`, `<link  name="left_shank"`, `<link  name`, `a second link is named "left_shank"`},
		{"second joint", `<joint name="left_ankle"`, `<joint  name="left_hip"`, `<joint  name`, `a second joint is named "left_hip"`},
		{"short axis", `<axis xyz="0 1 0"/>`, `<axis xyz="0 0.5 0"/>`, `<axis xyz="0 0.5 0"`, "the axis (0 0.5 0) has length 0.5"},
		{"zero axis", `<axis xyz="0 1 0"/>`, `<axis xyz="0 0 0"/>`, `<axis xyz="0 0 0"`, "has length 0"},
		{"prismatic", `name="left_hip" type="revolute"`, `name="left_hip" type="prismatic"`, `<joint name="left_hip"`, "type prismatic is not supported"},
		{"no type", `name="left_hip" type="revolute"`, `name="left_hip" type="hinge"`, `<joint name="left_hip"`, `no type "hinge"`},
		{"floating leg", `name="left_ankle" type="revolute"`, `name="left_ankle" type="floating"`, `<joint name="left_ankle"`, "only the base floats"},
		{"no mass", `<mass value="1"/>`, ``, `<inertial><inertia`, "<inertial> without a mass"},
		{"negative mass", `<mass value="1"/>`, `<mass value="-1"/>`, `<mass value="-1"`, `mass "-1"`},
		{"massless end", inertial, ``, `<link name="left_foot"`, "link left_foot has no mass"},
		{"massless base", `<mass value="5"/>`, `<mass value="0"/>`, `<link name="base"`, "the base base has no mass"},
		{"not a number", `ixx="0.01"`, `ixx="nan"`, `<inertia ixx="nan"`, `"nan" is no number to compute with`},
		{"too large", `ixx="0.01"`, `ixx="1e300"`, `<inertia ixx="1e300"`, `"1e300" is no number`},
		{"two numbers", `xyz="0 0.1 0"`, `xyz="0 0.1"`, `<origin xyz="0 0.1"`, "has 2 numbers"},
		{"not positive", `ixx="0.01"`, `ixx="-0.01"`, `<inertia ixx="-0.01"`, "the inertia is not positive"},
		{"triangle", `ixx="0.01"`, `ixx="0.03"`, `<inertia ixx="0.03"`, "breaks the triangle inequality"},
		{"indefinite", `ixx="0.01"`, `ixx="0.01" ixy="0.02"`, `<inertia ixx="0.01" ixy`, "the inertia is not positive"},
		{"detached", `</robot>`, `<link name="spare"/></robot>`, `<link name="spare"`, "several roots: base and spare hang from nothing"},
		{"two parents", `</robot>`, `<joint name="loop" type="fixed"><parent link="left_foot"/><child link="right_foot"/></joint></robot>`,
			`<joint name="loop"`, "link right_foot already hangs from joint right_ankle"},
		{"loop", `</robot>`, `<joint name="ring" type="fixed"><parent link="left_foot"/><child link="base"/></joint></robot>`, `<robot`,
			"the joints make a loop"},
		{"shared joint", `<parent link="base"/><child link="right_shank"/>`, `<parent link="left_shank"/><child link="right_shank"/>`,
			`<link name="left_shank"`, "both legs hang from joint left_hip"},
		{"transmission", `</robot>`, `<transmission name="t"><joint name="wheel"/></transmission></robot>`, `<joint name="wheel"`, `drives joint "wheel"`},
		{"flat box", `<box size="0.2 0.08 0.02"/>`, `<box size="0.2 0 0.02"/>`, `<box size="0.2 0 0`, "a <box> of size 0"},
		{"xacro", `<robot name="biped">`, `<robot name="biped" xmlns:xacro="http://ros.org/wiki/xacro"><xacro:leg/>`, `<xacro:leg`, "this is a xacro macro"},
		{"broken XML", `</joint>`, `</link>`, ` type="revolute"><origin xyz="0 0.1`, "element <joint> closed by </link>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(bipedText(), c.from, c.to, 1)
			if text == bipedText() {
				t.Fatal("nothing was planted")
			}
			m, findings, err := parse([]byte(text), "biped.urdf", nil)
			if m != nil || err == nil || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("error %v, want %q", err, c.text)
			}
			want := placeOf(text, c.at)
			for _, f := range findings {
				if f.Severity == SeverityError && strings.Contains(f.Text, c.text) {
					if (f.Place != want && c.name != "broken XML") || f.Remedy == "" {
						t.Errorf("place %s, want %s; remedy %q", f.Place, want, f.Remedy)
					}
					return
				}
			}
			t.Errorf("no finding says it: %v", findings)
		})
	}
}

// TestFeetByPlace: without telling names the lowest ends are the feet.
func TestFeetByPlace(t *testing.T) {
	text := strings.NewReplacer("_foot", "_end", "_ankle", "_b", "_shank", "_a", "left", "one", "right", "two").Replace(bipedText())
	m, findings, err := parse([]byte(text), "biped.urdf", nil)
	if err != nil {
		t.Fatal(err)
	}
	if l := m.Links[m.Feet[body.Left].Link].Name; l != "one_end" || !strings.Contains(fmt.Sprint(findings), "feet found by place: one_end and two_end") {
		t.Errorf("left foot %s; %v", l, findings)
	}
}

// TestBackwardBase: a base that looks along −x has its left foot at −y; its axes are turned, and mass and corners with them.
func TestBackwardBase(t *testing.T) {
	text := strings.NewReplacer(`xyz="0 0.1 0"`, `xyz="0 -0.1 0"`, `xyz="0 -0.1 0"`, `xyz="0 0.1 0"`, `xyz="0.03 0 -0.03"`, `xyz="-0.03 0 -0.03"`).
		Replace(bipedText())
	m, findings, err := parse([]byte(text), "biped.urdf", nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "hip", m.Joints[0].OriginM, body.Vec3{0, 0.1, 0})
	near(t, "front left corner", m.Feet[0].CornerM[0], body.Vec3{0.13, 0.04, -0.04})
	near(t, "axis", m.Joints[0].Axis, body.Vec3{0, -1, 0})
	if !strings.Contains(fmt.Sprint(findings), "turned half a turn") {
		t.Errorf("nothing says so: %v", findings)
	}
}

// TestTooManyJoints names the count.
func TestTooManyJoints(t *testing.T) {
	var b strings.Builder
	parent := "left_foot"
	for i := range body.MaxJoints {
		fmt.Fprintf(&b, `<link name="l%d"><inertial><mass value="0.1"/><inertia ixx="1" iyy="1" izz="1"/></inertial></link><joint name="j%d" type="revolute">`+
			`<parent link=%q/><child link="l%d"/><limit lower="0" upper="1" effort="1" velocity="1"/></joint>`, i, i, parent, i)
		parent = fmt.Sprintf("l%d", i)
	}
	_, _, err := parse([]byte(strings.Replace(bipedText(), "</robot>", b.String()+"</robot>", 1)), "long.urdf", nil)
	if err == nil || !strings.Contains(err.Error(), "is one too many: robotd drives 64") {
		t.Errorf("error %v", err)
	}
}

// TestMJCFFaultsAreNamed plants faults in the exported MJCF.
func TestMJCFFaultsAreNamed(t *testing.T) {
	good, err := Export(body.Humanoid(), "mjcf")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, text string }{
		{`joint="left_knee" ctrlrange`, `joint="knee" ctrlrange`, `<motor> "left_knee" drives joint "knee", which is not there`},
		{`<motor name="left_knee" joint="left_knee" ctrlrange="-139 139"/>`, ``, "1 joints have no torque limit: left_knee"},
		{`name="left_knee" axis="0 1 0"`, `name="left_knee" type="slide" axis="0 1 0"`, "type slide is not supported"},
		{`name="left_knee" axis="0 1 0"`, `name="left_knee" axis="0 0 0"`, "has length 0"},
		{`body name="left_shank"`, `body name="left_thigh"`, `a second body is named "left_thigh"`},
		{`class="sole" type`, `class="soul" type`, `is of class "soul", which is not there`},
		{`<key name="stand" qpos="0 `, `<key name="stand" qpos="`, `keyframe "stand" has 34 of 35 coordinates`},
		{`mass="2.6"`, `mass="nan"`, `"nan" is no number`},
		{`mass="2.6"`, ``, `body left_thigh: mass ""`},
		{`<freejoint name="base"/>`, `<joint name="swing"/>`, "the base pelvis turns about a hinge"},
		{`</worldbody>`, `<body name="other"><freejoint/><body name="arm"><joint/></body></body></worldbody>`, "several roots"},
		{`</worldbody>`, `<attach model="x"/></worldbody>`, "<attach> is not expanded"},
		{`<compiler `, `<include file="other.xml"/><compiler `, `"other.xml" cannot be included here`},
		{`angle="radian"`, `angle="radian" eulerseq="abc"`, `eulerseq "abc"`},
	} {
		text := strings.Replace(string(good), c.from, c.to, 1)
		if text == string(good) {
			t.Errorf("%q is not in the file", c.from)
			continue
		}
		_, findings, err := parse([]byte(text), "h.xml", nil)
		if err == nil || !strings.Contains(err.Error(), c.text) || !strings.HasPrefix(findings[0].Place, "h.xml:") {
			t.Errorf("%s: error %v, want %q", c.to, err, c.text)
		}
	}
}

// TestInclude reads an MJCF in two files, and stops at one that includes itself.
func TestInclude(t *testing.T) {
	text, err := Export(body.Humanoid(), "mjcf")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("robot.xml", string(text))
	m, _, err := Load(put("scene.xml", `<mujoco model="scene"><include file="robot.xml"/></mujoco>`))
	if err != nil || m.NJoints() != 28 {
		t.Errorf("included robot: %v", err)
	}
	if _, _, err = Load(put("self.xml", `<mujoco><include file="self.xml"/></mujoco>`)); err == nil || !strings.Contains(err.Error(), "included") {
		t.Errorf("a file that includes itself: %v", err)
	}
	if _, _, err = Load(filepath.Join(dir, "none.urdf")); err == nil {
		t.Error("a missing file was loaded")
	}
	for name, want := range map[string]string{"a.sdf": "SDF is written, not read", "b.xml": "the root element is <html>", "c.xml": "no element"} {
		text := map[string]string{"a.sdf": "<sdf/>", "b.xml": "<html/>", "c.xml": ""}[name]
		if _, _, err := Load(put(name, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string]string{"LAnklePitchLink": "l ankle pitch link", "left_foot": "left foot", "LLEG_LINK5": "lleg link",
		"RFsrCenter_frame": "r fsr center frame", "leg_left_6_link": "leg left link", "": ""} {
		if got := strings.Join(words(name), " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]int{"LLEG_LINK5": body.Left, "rfoot": body.Right, "arm_right_3": body.Right, "leftHand": body.Left, "roll": -1} {
		if got := sideOf(words(name)); got != want {
			t.Errorf("%s is on side %d, want %d", name, got, want)
		}
	}
}
