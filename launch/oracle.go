package launch

import (
	"robotd/body"
	"robotd/control"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/jepa"
	"robotd/mpc"
	"robotd/sim"
)

// trueWorld is the simulator itself as a planner's world: every candidate runs on its own copy of the real state, through
// its own control and gate. Actor and critic, if there are any, are the model's; without them the horizon ends at nothing.
type trueWorld struct {
	dm       *dynamics.Model
	real     *sim.Sim
	robot    *Robot // whose present the mind reads
	model    *jepa.Model
	rows     []trueRow
	n        int
	observer *jepa.Observer
	mind     *jepa.Mind
	standing [body.NFeatures]float64
}

// trueRow is one candidate's body.
type trueRow struct {
	sim     *sim.Sim
	control *control.Controller
	gate    *gate.Gate
	granted gate.Granted
	verdict gate.Verdict
	sensors body.Sensors
	state   body.State
	command body.Command
	knot    [body.MaxJoints]float64
	obs     []float32
	before  []float32
	action  []float32
}

var _ mpc.World = (*trueWorld)(nil)

func newTrueWorld(dm *dynamics.Model, real *sim.Sim, rows int, model *jepa.Model) *trueWorld {
	m := dm.Body()
	w := &trueWorld{dm: dm, real: real, model: model, observer: jepa.NewObserver(m, dm.Standing()), standing: dm.Standing()}
	if model != nil {
		w.mind = jepa.NewMind(model, 1)
	}
	for i := 0; i < rows; i++ {
		g, err := gate.New(m, gate.Options{})
		if err != nil {
			panic(err) // the same model has already made the robot's own gate
		}
		w.rows = append(w.rows, trueRow{sim: sim.New(m, sim.Options{}), control: control.New(m), gate: g, obs: make([]float32, w.observer.Dim()),
			before: make([]float32, w.observer.Dim()), action: make([]float32, m.NJoints())})
	}
	return w
}

// ActionDim returns one number a joint.
func (w *trueWorld) ActionDim() int { return w.dm.Body().NJoints() }

// FeatureDim returns the number of balance features.
func (w *trueWorld) FeatureDim() int { return body.NFeatures }

// Begin copies the real state into the first rows bodies.
func (w *trueWorld) Begin(rows int) {
	w.n = rows
	for i := range w.rows[:rows] {
		r := &w.rows[i]
		r.sim.CopyStateFrom(w.real)
		r.gate.Reset()
		r.control.CopyStateFrom(w.robot.control)
		r.verdict = gate.Verdict{Rung: body.RungPlan}
		copy(r.action, w.robot.action)
		r.look(w)
		copy(r.before, w.robot.window.Obs(BlockNs))
	}
}

// Step drives each body through one block.
func (w *trueWorld) Step(a []float32) {
	k := w.ActionDim()
	m := w.dm.Body()
	for i := range w.rows[:w.n] {
		r := &w.rows[i]
		copy(r.before, r.obs)
		copy(r.action, a[i*k:(i+1)*k])
		for j := 0; j < k; j++ {
			r.knot[j] = m.KnotTarget(j, float64(r.action[j]))
		}
		for ms := 0; ms < BlockNs/1_000_000; ms++ {
			r.tick()
		}
		r.look(w)
	}
}

// tick moves one body by a millisecond under its knot.
func (r *trueRow) tick() {
	r.sim.Truth(&r.state)
	r.sim.Sensors(&r.sensors)
	now := r.sim.NowNs()
	r.control.Step(&control.Input{NowNs: now, State: &r.state, Rung: body.RungMode1, Knot: &r.knot}, &r.command)
	in := gate.Input{NowNs: now, Sensors: &r.sensors, Command: &r.command, Rung: body.RungMode1, Want: body.RungMode1, Mode1OK: true, BalanceOK: true}
	r.gate.Step(&in, &r.granted, &r.verdict)
	r.sim.Step(&r.granted)
}

// look observes the body's true state.
func (r *trueRow) look(w *trueWorld) {
	r.sim.Truth(&r.state)
	w.observer.Observe(&r.state, r.action, r.obs)
}

// Features writes the true balance features of each row.
func (w *trueWorld) Features(y []float32) {
	for i := range w.rows[:w.n] {
		w.rows[i].state.Balance.Scaled(&w.standing, y[i*body.NFeatures:(i+1)*body.NFeatures])
	}
}

// Value writes the critic's opinion of each row's true state.
func (w *trueWorld) Value(v []float32) {
	for i := range w.rows[:w.n] {
		w.mind.Encode(w.rows[i].obs, w.rows[i].before)
		w.mind.Begin(1)
		w.mind.Value(v[i : i+1])
	}
}

// Propose writes the actor's action for each row's true state.
func (w *trueWorld) Propose(a []float32) {
	k := w.ActionDim()
	for i := range w.rows[:w.n] {
		w.mind.Encode(w.rows[i].obs, w.rows[i].before)
		w.mind.Begin(1)
		w.mind.Propose(a[i*k : (i+1)*k])
	}
}
