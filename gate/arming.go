package gate

import (
	"math"
	"math/bits"
	"strings"

	"robotd/body"
	"robotd/power"
)

// Check is one thing that must hold before a robot is armed.
type Check struct {
	Name   string
	OK     bool
	Value  float64 // what was found
	Limit  float64 // the most that is allowed; of the feet's load and of a voltage too low the least
	Unit   string
	Joint  int    // the worst one, −1 where it is not about a joint
	Remedy string // what to do about it, one sentence
}

// Checks are all of them, in the order in which a person would go through them.
type Checks [nChecks]Check

// Unready is a set of checks that fail.
type Unready uint16

const (
	checkSensed = iota
	checkRange
	checkHeat
	checkIMU
	checkLevel
	checkPower
	checkVoltage
	checkStop
	checkJoints
	checkBase
	checkFeet
	checkCommand
	nChecks
)

// checkTable holds what is the same for every robot; a limit of zero that is not one is filled in by Checks.
var checkTable = [nChecks]struct {
	name   string
	limit  float64
	unit   string
	remedy string
}{
	{"joints_sensed", 0, "joints", "Power the drives and plug in the encoder of the named joint."},
	{"joints_in_range", 0.03, "rad", "Move the named joint back inside its range by hand, or calibrate its zero."},
	{"drives_cool", power.SoftC, "°C", "Let the motor of the named joint cool down."},
	{"imu_alive", 20, "ms", "Plug the IMU in and start what reads it."},
	{"imu_level", 0.4, "rad", "Set the trunk upright, or correct the IMU's mounting in the robot file."},
	{"bus_power", 0, "W", "Find out what draws the power at the bus while the robot is off, or mend the meter."},
	{"bus_voltage", 0, "V", "Charge or change the battery, or correct the voltage that the options name."},
	{"stop_released", 0, "lines", "Release the emergency stop and see that both of its lines are wired and closed."},
	{"joints_still", 0.3, "rad/s", "Wait until nobody moves the named joint."},
	{"base_still", 0.3, "rad/s", "Wait until the trunk no longer swings."},
	{"feet_loaded", 0, "N", "Set a foot on the ground, or say that the robot hangs on a hoist."},
	{"commands_alive", commandMaxNs * 1e-6, "ms", "Start the mind, so that a fresh command reaches the gate in every tick."},
}

// Checks returns what must hold before the robot is armed, as the last tick and this input have it. It changes nothing.
func (g *Gate) Checks(in *Input) (c Checks) {
	w := &g.watch
	for i, t := range checkTable {
		c[i] = Check{Name: t.name, Limit: t.limit, Unit: t.unit, Joint: -1, Remedy: t.remedy}
	}
	for j := 0; j < g.n; j++ {
		if w.lost[j] > 0 {
			c[checkSensed].Value, c[checkSensed].Joint = c[checkSensed].Value+1, j
		}
		c[checkRange].worst(j, math.Max(g.box[j].lower-w.q[j], w.q[j]-g.box[j].upper))
		c[checkHeat].worst(j, g.warm.WindingC[j])
		c[checkJoints].worst(j, math.Abs(w.dq[j]))
	}
	c[checkIMU].Value = float64(w.silentNs) * 1e-6
	if g.o.Hardware {
		c[checkIMU].Value = float64(max(w.silentNs, w.sameNs)) * 1e-6
	}
	c[checkLevel].Value = math.Acos(clamp(w.up.Dot(w.imuToTop), -1, 1))
	c[checkPower].Value, c[checkPower].Limit = w.busW, g.o.Budget.TotalW
	c[checkStop].Value = g.linesOpen(in)
	c[checkBase].Value = in.Sensors.GyroRadS.Norm()
	c[checkFeet].Value, c[checkFeet].Limit = math.Max(w.loadN[body.Left], w.loadN[body.Right]), loadShare*w.weightN
	c[checkCommand].Value = float64(g.goodNs) * 1e-6
	for i := range c {
		c[i].OK = c[i].Value <= c[i].Limit // false for what is no number
	}
	c[checkFeet].OK = in.OnHoist || c[checkFeet].Value >= c[checkFeet].Limit
	c[checkVoltage].voltage(in.BusV, g.o.BusV)
	return c
}

// worst keeps the largest value and its joint.
func (c *Check) worst(j int, value float64) {
	if c.Joint < 0 || value > c.Value {
		c.Value, c.Joint = value, j
	}
}

// voltage judges a voltage where the options say what is plausible.
func (c *Check) voltage(v float64, plausible [2]float64) {
	c.Value, c.Limit = v, plausible[1]
	if v < plausible[0] {
		c.Limit = plausible[0]
	}
	c.OK = plausible == [2]float64{} || (v >= plausible[0] && v <= plausible[1])
}

// linesOpen counts what keeps the emergency stop from being released.
func (g *Gate) linesOpen(in *Input) (n float64) {
	if g.o.Hardware || g.estop.wired || in.StopLine != [2]Line{} {
		for _, line := range in.StopLine {
			if line != LineClosed {
				n++
			}
		}
	}
	if in.Stop || g.estop.pressed {
		n = math.Max(n, 1)
	}
	return n
}

// unready is the set of those that fail.
func (c *Checks) unready() (u Unready) {
	for i := range c {
		if !c[i].OK {
			u |= 1 << i
		}
	}
	return u
}

// String lists the checks by name, joined by "+"; it allocates.
func (u Unready) String() string {
	var names []string
	for left := uint16(u); left != 0; left &= left - 1 {
		if i := bits.TrailingZeros16(left); i < nChecks {
			names = append(names, checkTable[i].name)
		}
	}
	return strings.Join(names, "+")
}
