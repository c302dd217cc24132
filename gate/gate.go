// Package gate is the last room before the drives. It owns the degradation ladder and the limits, and nothing can switch it
// off: whatever bits arrive, what leaves lies inside the limits of the body and the 500 W.
//
// A tick goes: judge the sensors → judge the command and what people say → move on the ladder → gains, range, contact, rate,
// barrier, torque → power.
// The gains act inside the tick, at the drive's own rate, so a Granted carries for each joint the torque limit and the
// power quota that its drive enforces whatever position and speed do; the quotas sum to the budget. That is the guarantee. How
// warm the gate takes a winding to be decides only how well the quotas fit.
package gate

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/power"
)

const (
	tickNs         = 1_000_000
	commandMaxNs   = 3_000_000  // age of the sensors that a command answers
	commandLostNs  = 10_000_000 // without a good command
	longestTickNs  = 100_000_000
	thermalDivisor = 10 // the motors' temperatures move in seconds: one step every ten ticks
)

// Input is all that the gate sees of a tick, plain data. A zero in the fields after Ack means that nobody is there to say
// anything else: no lines, no meter, no hoist.
type Input struct {
	NowNs     int64
	Sensors   *body.Sensors
	Command   *body.Command
	Rung      body.Rung // that the command serves
	Want      body.Rung // best rung that is asked for
	PlanFresh bool      // the newest admitted plan is young enough
	TailNs    int64     // what is left of the last admitted plan
	Mode1OK   bool      // the reactive actor may drive
	BalanceOK bool      // the analytic balance may drive
	ComputeW  float64   // drawn by computing, if known
	Stop      bool      // the emergency stop is pressed
	Ack       bool      // somebody acknowledges; its rising edge counts

	StopLine   [2]Line // the two lines of the emergency stop
	Arm        bool    // somebody arms; its rising edge counts
	OnHoist    bool    // somebody says that the robot hangs on a hoist
	BusV       float64 // voltage at the bus, if measured
	HumanNear  Near    // a person is in reach
	ArmContact [2]bool // left and right arm touch what they should not
}

// Verdict is what the gate tells the tick after.
type Verdict struct {
	Rung     body.Rung // to serve in the next tick
	Causes   Cause
	Limited  Limit
	Lambda   float64 // multiplier of the power budget: 0 when the demand fits
	DemandW  float64 // electrical power of the torques asked for, copper as warm as it is counted
	GrantedW float64 // and of those granted
	BudgetW  float64 // for actuators in this tick
	Owed     bool    // climbing waits for an acknowledgement
	Disarmed bool    // off, and may be armed
	Unready  Unready // the checks that keep a disarmed robot from being armed
	Near     bool    // arms are slow because a person is near, or may be
	Counters Counters
}

// Counters run since the last reset.
type Counters struct {
	Ticks, CommandsBad, Scripted, Bridged, PowerCapped, Falls, Climbs uint64
}

// Gate holds the state of one robot's gate. It is stepped from one goroutine.
type Gate struct {
	n       int
	o       Options
	stand   []float64
	hotelW  float64
	box     [body.MaxJoints]box
	drive   [body.MaxJoints]drive
	watch   watch
	stance  stance
	estop   estop
	arms    arms
	legs    legs
	sag     sag
	alloc   *power.Allocator
	thermal *power.Thermal
	warm    power.Temperatures
	derate  [body.MaxJoints]float64
	hot     bool

	last      body.Command // granted in the tick before
	own       body.Command // scripted
	begun     bool
	lastNs    int64
	goodNs    int64 // since the last good command
	lastStamp int64
	ack, stop bool // of the tick before
	arm       bool
	unready   Unready
	demand    [body.MaxJoints]float64
	granted   [body.MaxJoints]float64
	count     Counters
}

// New builds a gate for the body. It fails on a body whose joints have no range, motor or gains, and on options that would
// widen a limit or leave nothing for torque.
func New(m *body.Model, o Options) (*Gate, error) {
	o = o.filled()
	if err := o.check(m); err != nil {
		return nil, err
	}
	alloc, err := power.NewAllocator(m, power.MaxC, nil)
	if err != nil {
		return nil, err
	}
	g := &Gate{n: m.NJoints(), o: o, stand: m.StandRad, hotelW: o.Budget.HotelW(m) + o.Budget.MarginW, alloc: alloc,
		thermal: power.NewThermal(m, o.AmbientC, thermalDivisor*tickNs/1e9, nil)}
	legs := legJoints(m)
	for j := range m.Joints {
		joint := &m.Joints[j]
		if !(joint.LowerRad < joint.UpperRad) || !(joint.KpNmRad > 0) || !(joint.KdNmsRad > 0) || !(joint.Motor.SpeedRadS > 0) {
			return nil, fmt.Errorf("gate: joint %s: range [%g, %g] rad, kp %g, kd %g, no-load speed %g rad/s: "+
				"give a range and positive gains and speed", joint.Name, joint.LowerRad, joint.UpperRad, joint.KpNmRad, joint.KdNmsRad,
				joint.Motor.SpeedRadS)
		}
		g.box[j] = newBox(joint, legs[j], &o.Tighten)
		g.drive[j] = drive{copperWNm2: joint.Motor.CopperWNm2, countedC: power.MaxC, efficiency: joint.Motor.Efficiency,
			peakNm: g.box[j].peakNm, speedRadS: g.box[j].speedRadS}
	}
	g.arms, g.legs = newArms(m), newLegs(m)
	g.watch = newWatch(m, legs, o.Budget.TotalW)
	g.watch.driven, g.watch.lockstep = o.Drives, o.Lockstep
	g.Reset()
	return g, nil
}

// legJoints marks the joints between the base and the feet or the chest.
func legJoints(m *body.Model) []bool {
	legs := make([]bool, m.NJoints())
	for _, end := range []int{m.Feet[body.Left].Link, m.Feet[body.Right].Link, m.Chest} {
		for l := end; l > 0; l = m.Links[l].Parent {
			legs[l-1] = true
		}
	}
	return legs
}

// Reset is a power cycle: cold motors, no memory, the ladder at its start.
func (g *Gate) Reset() {
	g.watch.reset(g.stand)
	g.warm = g.thermal.Rest()
	for j := range g.derate {
		g.derate[j] = 1
	}
	g.hot, g.begun, g.lastNs, g.goodNs, g.lastStamp, g.ack, g.stop, g.arm = false, false, 0, 0, math.MinInt64, false, false, false
	g.last, g.count, g.granted = body.Command{}, Counters{}, [body.MaxJoints]float64{}
	g.stance, g.estop = stance{rung: g.o.StartRung, owed: g.o.StartRung >= body.RungCrouch}, estop{}
	if g.o.Disarmed {
		g.stance = stance{rung: body.RungOff, disarmed: true}
	}
	g.arms.reset()
	g.sag = sag{}
}

// Step grants one tick: it fills out with what the drives may do and v with what the next tick shall know. It is total:
// no input makes it fail, and none leads out of the limits. Sensors and Command must not be nil.
func (g *Gate) Step(in *Input, out *Granted, v *Verdict) {
	dtNs := g.pass(in.NowNs)
	causes, bridged := g.watch.look(in.Sensors, in.NowNs, dtNs, in.OnHoist)
	g.begin(in)
	causes |= g.heat() | g.judge(in, dtNs) | g.sag.look(in.BusV, dtNs)
	before := g.stance.rung
	causes = g.move(in, dtNs, causes)
	limited := g.arms.feel(in, g.o.Hardware, g.stance.rung <= body.RungCrouch, dtNs)
	if g.stance.rung < body.RungOff && g.legs.look(&g.watch.q, &g.watch.dq) {
		limited |= LimitBarrier
	}
	cmd := in.Command
	if !g.serves(in.Rung, causes) {
		g.script(in.Sensors.StampNs, causes&hanging != 0, &g.own)
		cmd = &g.own
		g.count.Scripted++
	}
	out.cmd.StampNs, out.rung, out.joints, out.drive = cmd.StampNs, g.stance.rung, g.n, g.drive
	for j := 0; j < g.n; j++ {
		tau, acted := g.confine(j, cmd, out)
		g.demand[j] = tau
		limited |= acted
	}
	budgetW := g.sag.leave(g.budgetW(in.ComputeW))
	share := g.alloc.Solve(g.demand[:g.n], g.watch.dq[:g.n], budgetW, g.granted[:g.n], out.quotaW[:g.n])
	g.remember(out)
	g.watch.told(g.granted[:g.n])
	if share.Lambda > 0 {
		limited |= LimitPower
		g.count.PowerCapped++
	}
	g.tally(before, bridged)
	*v = Verdict{Rung: g.stance.rung, Causes: causes, Limited: limited, Lambda: share.Lambda, DemandW: share.DemandW,
		GrantedW: share.GrantedW, BudgetW: budgetW, Owed: g.stance.owed, Disarmed: g.stance.disarmed, Unready: g.unready,
		Near: g.arms.near, Counters: g.count}
}

// move moves on the ladder and returns the causes that counted.
func (g *Gate) move(in *Input, dtNs int64, causes Cause) Cause {
	a := ask{want: in.Want, ack: in.Ack && !g.ack}
	g.unready = 0
	if g.stance.disarmed {
		checks := g.Checks(in)
		g.unready = checks.unready()
		a.arm = in.Arm && !g.arm && g.unready == 0
		g.last.QRad, g.last.TauNm = g.watch.q, [body.MaxJoints]float64{} // whoever arms it finds it where it is
	}
	g.stance, causes = g.stance.next(dtNs, causes, a)
	g.ack, g.stop, g.arm = in.Ack, in.Stop, in.Arm
	return causes
}

// serves reports whether the command in hand may be served: a good one, by who knows of crouch and fall, with the feet on
// the ground, and never when off.
func (g *Gate) serves(rung body.Rung, causes Cause) bool {
	now := g.stance.rung
	return causes&CauseCommandBad == 0 && now != body.RungOff && (now < body.RungCrouch || (rung >= now && causes&hanging == 0))
}

// pass returns the time since the last tick. A clock that stands, runs back or leaps counts as one tick, so that no timer
// can be stopped from outside.
func (g *Gate) pass(nowNs int64) int64 {
	dt := nowNs - g.lastNs
	g.lastNs = nowNs
	if !g.begun || dt <= 0 || dt > longestTickNs {
		return tickNs
	}
	return dt
}

// begin takes the first sample as the pose to start from.
func (g *Gate) begin(in *Input) {
	if g.begun {
		return
	}
	g.begun = true
	copy(g.last.QRad[:g.n], g.watch.q[:g.n])
	if g.stance.rung == body.RungPlan {
		g.stance.rung = servable(in.Want)
	}
}

// heat steps the motors' temperatures and derates their torque.
func (g *Gate) heat() Cause {
	if g.count.Ticks%thermalDivisor == 0 {
		for j, tau := range g.granted[:g.n] { // a sensor that says less than was granted cools nothing
			g.watch.heatNm[j] = math.Max(g.watch.heatNm[j], math.Abs(tau))
		}
		g.thermal.Step(&g.warm, g.watch.heatNm[:g.n])
		g.hot = false
		for j := 0; j < g.n; j++ {
			g.derate[j] = power.Derate(g.warm.WindingC[j])
			g.drive[j].countedC = g.copperC(j)
			g.alloc.Warm(j, g.drive[j].countedC)
			g.hot = g.hot || (g.derate[j] == 0 && g.watch.leg[j])
		}
	}
	if g.hot {
		return CauseOverheat
	}
	return 0
}

// warmMarginC is what a winding may be warmer than the model of it.
const warmMarginC = 15

// copperC is the temperature at which joint j's copper is counted against the budget. On hardware no drive tells its winding's
// yet, and a robot may be switched on hot: the hottest that is allowed counts.
func (g *Gate) copperC(j int) float64 {
	if g.o.Hardware {
		return power.MaxC
	}
	return math.Min(g.warm.WindingC[j]+warmMarginC, power.MaxC)
}

// judge returns the causes that the command and the requests give.
func (g *Gate) judge(in *Input, dtNs int64) (c Cause) {
	age := in.Sensors.StampNs - in.Command.StampNs
	if in.Rung > body.RungOff || age < 0 || age > commandMaxNs || in.Command.StampNs < g.lastStamp || !usable(in.Command, g.n) {
		c |= CauseCommandBad
		g.count.CommandsBad++
		g.goodNs = min(g.goodNs+dtNs, commandLostNs)
		if g.goodNs >= commandLostNs {
			c |= CauseCommandLost
		}
	} else {
		g.goodNs, g.lastStamp = 0, in.Command.StampNs
	}
	if !in.PlanFresh {
		c |= CausePlanStale
	}
	if in.TailNs <= 0 {
		c |= CauseTailUsed
	}
	if !in.Mode1OK {
		c |= CauseMode1Refused
	}
	if !in.BalanceOK {
		c |= CauseBalanceRefused
	}
	pressed := g.estop.pressed
	c |= g.estop.look(in.StopLine, dtNs)
	if in.Stop {
		c |= CauseStop
		if !g.stop && !pressed {
			c |= CauseStopAgain
		}
	}
	return c
}

// budgetW is what the actuators may draw in this tick.
func (g *Gate) budgetW(computeW float64) float64 {
	reserve := g.o.Budget.ComputeW
	if computeW > reserve {
		reserve = computeW
	}
	return math.Max(0, g.o.Budget.TotalW-g.hotelW-reserve)
}

// remember keeps the granted set-points, against which the next ones' rate is held.
func (g *Gate) remember(out *Granted) {
	copy(g.last.QRad[:g.n], out.cmd.QRad[:g.n])
	copy(g.last.TauNm[:g.n], out.cmd.TauNm[:g.n])
	g.arms.keep(&out.cmd, g.n)
}

func (g *Gate) tally(before body.Rung, bridged int) {
	g.count.Ticks++
	g.count.Bridged += uint64(bridged)
	switch {
	case g.stance.rung > before:
		g.count.Falls++
	case g.stance.rung < before:
		g.count.Climbs++
	}
}

// WindingC returns the modelled winding temperature of joint j.
func (g *Gate) WindingC(j int) float64 { return g.warm.WindingC[j] }
