// Package mujoco puts the robot into MuJoCo: a body that is not ours, in a process of its own, which nothing but a ROS 2
// graph connects with robotd. The process is a Python program, embedded here, on real rclpy (Fast DDS) and MuJoCo 4; it
// gets the exported MJCF and one scenario, runs it, and hands back what it measured.
//
// Its drives follow the law that a JointState pair can say: tau = effort + kp (position − q) + kd (velocity − dq), cut by
// peak torque and torque-speed line at each physics step of 1 ms. The power quotas of a gate.Granted do not travel; the
// process accounts the power at the bus by the same motor model and counts what exceeds the budget.
package mujoco

import (
	"fmt"

	"robotd/body"
	"robotd/power"
	"robotd/sim"
)

// Mode is how the body is driven.
type Mode string

// Lockstep waits in each tick for the command that answers the tick's sensors; RealTime is paced at 1 kHz and takes the
// newest command.
const (
	Lockstep Mode = "lockstep"
	RealTime Mode = "realtime"
)

// Push is a constant horizontal force at the chest's centre of mass.
type Push struct {
	StartS    float64   `json:"start_s"`
	DurationS float64   `json:"duration_s"`
	ImpulseNs body.Vec3 `json:"impulse_ns"` // world axes
}

// Scenario is one run of the body.
type Scenario struct {
	Mode       Mode    `json:"mode"`
	Seed       uint64  `json:"seed"` // of sensor noise and initial pose
	Seconds    float64 `json:"seconds"`
	Pushes     []Push  `json:"pushes"`
	StopOnFall bool    `json:"stop_on_fall"`

	JointNoiseRad   float64 `json:"joint_noise_rad"` // standard deviations of the initial state
	SpeedNoiseRadS  float64 `json:"speed_noise_rads"`
	MatchS          float64 `json:"match_s"`  // wait for a controller
	AnswerS         float64 `json:"answer_s"` // wait for a command before the sensors are sent again
	Resends         int     `json:"resends"`  // before the run is given up
	HoldCommandMsec int     `json:"hold_ms"`  // real time: without a newer command, the drives only damp afterwards
}

// DefaultScenario stands quietly, with the initial noise that robotd's own standing task has.
func DefaultScenario(mode Mode, seconds float64, seed uint64) Scenario {
	return Scenario{Mode: mode, Seed: seed, Seconds: seconds, Pushes: []Push{}, JointNoiseRad: 0.01, SpeedNoiseRadS: 0.05,
		MatchS: 60, AnswerS: 0.25, Resends: 60, HoldCommandMsec: 20}
}

// Floor is how the push is measured that merely holding the standing pose survives.
type Floor struct {
	Seed           uint64  `json:"seed"`
	LowNs          float64 `json:"low_ns"` // where the bisection begins
	HighNs         float64 `json:"high_ns"`
	Bracket        float64 `json:"bracket"`  // where it ends: the ratio of the two
	Scouts         int     `json:"scouts"`   // episodes a level of the bisection
	Episodes       int     `json:"episodes"` // and of each of the three levels around its end
	QuietS         float64 `json:"quiet_s"`  // before the push
	AfterS         float64 `json:"after_s"`  // after it, upright all the time
	JointNoiseRad  float64 `json:"joint_noise_rad"`
	SpeedNoiseRadS float64 `json:"speed_noise_rads"`
}

// DefaultFloor is the standing task of robotd's own evaluation.
func DefaultFloor(seed uint64) Floor {
	return Floor{Seed: seed, LowNs: 1, HighNs: 32, Bracket: 1.3, Scouts: 16, Episodes: 100, QuietS: 0.4, AfterS: 5,
		JointNoiseRad: 0.01, SpeedNoiseRadS: 0.05}
}

// Level is one push level's result.
type Level struct {
	PushNs    float64 `json:"push_ns"`
	Successes int     `json:"successes"`
	Episodes  int     `json:"episodes"`
}

// Result is what the body measured in one run.
type Result struct {
	Mode           Mode              `json:"mode"`
	SimulatedS     float64           `json:"simulated_s"`
	WallS          float64           `json:"wall_s"`
	TimesRealTime  float64           `json:"times_real_time"`
	CPUUsPerTick   float64           `json:"cpu_us_per_tick"` // of the body's process, ROS and camera included
	Upright        bool              `json:"upright"`         // all the time and at the end
	FellAtS        *float64          `json:"fell_at_s"`
	KnockN         float64           `json:"knock_n"` // after the fall: the hardest contact of a link that is no foot
	Pushes         int               `json:"pushes"`
	PushesSurvived int               `json:"pushes_survived"`
	PowerW         PowerW            `json:"power_w"`
	Violations     int               `json:"violations"` // ticks above the budget
	Commands       int               `json:"commands"`   // ticks whose command came at all
	CommandHz      float64           `json:"command_hz"` // of wall time
	LostTicks      int               `json:"lost_ticks"` // ticks whose command never came
	LateTicks      int               `json:"late_ticks"` // real time: ticks whose command did not come within the tick
	DampedTicks    int               `json:"damped_ticks"`
	BodySlips      int               `json:"body_slips"` // real time: the body's own process was late by more than a tick
	BodySlippedS   float64           `json:"body_slipped_s"`
	Resends        int               `json:"resends"`
	RoundTripUs    Percentiles       `json:"round_trip_us"` // sensors sent to command heard, by stamp
	Images         int               `json:"images"`
	BadCommands    map[string]uint64 `json:"bad_commands"` // refused, by reason
	Nodes          []string          `json:"nodes"`        // of the graph, as rclpy lists them
}

// PowerW is electrical power at the bus, from the motor model.
type PowerW struct {
	Mean   float64 `json:"mean"`
	Peak   float64 `json:"peak"`
	Source string  `json:"source"`
}

// Percentiles of a measured time.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// params is what the process must know of the body beside its MJCF.
type params struct {
	Joints       []jointParams `json:"joints"`
	BaseW        float64       `json:"base_w"` // drawn without a torque
	BudgetW      float64       `json:"budget_w"`
	StandHeightM float64       `json:"stand_height_m"`
	Pelvis       string        `json:"pelvis"`
	Chest        string        `json:"chest"`
	Feet         []footParams  `json:"feet"`
	IMU          mountParams   `json:"imu"`
	Camera       cameraParams  `json:"camera"`
	Noise        noiseParams   `json:"noise"`
}

type jointParams struct {
	Name       string  `json:"name"`
	StandRad   float64 `json:"stand_rad"`
	Kp         float64 `json:"kp"`
	Kd         float64 `json:"kd"`
	PeakNm     float64 `json:"peak_nm"`
	SpeedRadS  float64 `json:"speed_rads"`
	CopperWNm2 float64 `json:"copper_w_nm2"`
	Efficiency float64 `json:"efficiency"`
}

type footParams struct {
	Link  string    `json:"link"`
	SoleM body.Vec3 `json:"sole_m"`
}

type mountParams struct {
	Link string    `json:"link"`
	PosM body.Vec3 `json:"pos_m"`
	Quat body.Quat `json:"quat"`
}

type cameraParams struct {
	mountParams
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	FovYRad float64 `json:"fovy_rad"`
}

type noiseParams struct {
	Q         float64 `json:"q"`
	DQ        float64 `json:"dq"`
	Gyro      float64 `json:"gyro"`
	GyroBias  float64 `json:"gyro_bias"`
	Accel     float64 `json:"accel"`
	AccelBias float64 `json:"accel_bias"`
	Force     float64 `json:"force"`
	Moment    float64 `json:"moment"`
}

// paramsOf collects the parameters of a body; its sensors are as noisy as in robotd's own simulator.
func paramsOf(m *body.Model) params {
	n, b := sim.DefaultNoise, power.DefaultBudget
	p := params{BaseW: b.HotelW(m) + b.ComputeW, BudgetW: b.TotalW, StandHeightM: m.StandHeightM, Pelvis: m.Links[0].Name,
		Chest: m.Links[m.Chest].Name, IMU: mount(m, &m.IMU),
		Camera: cameraParams{mount(m, &m.Camera.Mount), m.Camera.Width, m.Camera.Height, m.Camera.FovYRad},
		Noise: noiseParams{Q: n.QRad, DQ: n.DQRadS, Gyro: n.GyroRadS, GyroBias: n.GyroBiasRadS, Accel: n.AccelMS2, AccelBias: n.AccelBiasMS2,
			Force: n.ForceN, Moment: n.MomentNm}}
	for j := range m.Joints {
		t := &m.Joints[j]
		p.Joints = append(p.Joints, jointParams{t.Name, m.StandRad[j], t.KpNmRad, t.KdNmsRad, t.Motor.TorqueNm, t.Motor.SpeedRadS,
			t.Motor.CopperWNm2, t.Motor.Efficiency})
	}
	for side := range m.Feet {
		p.Feet = append(p.Feet, footParams{m.Links[m.Feet[side].Link].Name, m.Feet[side].SoleM})
	}
	return p
}

func mount(m *body.Model, at *body.Mount) mountParams {
	return mountParams{m.Links[at.Link].Name, at.PosM, at.Rot}
}

// Outcome says in words how the run ended.
func (r *Result) Outcome() string {
	switch {
	case r.Upright:
		return "upright to the end"
	case r.FellAtS != nil:
		return fmt.Sprintf("fell at %.2f s", *r.FellAtS)
	}
	return "down at the end"
}
