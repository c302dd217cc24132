package launch

import (
	"math"

	"robotd/body"
	"robotd/dash"
	"robotd/dynamics"
	"robotd/power"
)

// ros2Page is the page of a robot whose body is on a ROS 2 graph. Nobody tells where that body is: its links are drawn where
// the estimator believes them to be, and its watts are the motor model's.
type ros2Page struct {
	server  *dash.Server
	snap    dash.Snapshot
	kin     *dynamics.Data
	ghost   ghost
	baseW   float64 // drawn without a torque: drives, sensors, and the computer's reserve
	shownNs int64   // the body's time at the last frame
}

const framePeriodNs = 1_000_000_000 / cameraHz

// What a modelled watt is computed from.
const (
	fromEfforts = "the torques that the drives report and the motor model"
	fromGranted = "the torques that the gate granted and the motor model: the drives report none"
)

func newROS2Page(r *Robot, server *dash.Server) *ros2Page {
	dm := dynamics.New(r.m)
	n := len(r.m.Links)
	p := &ros2Page{server: server, kin: dm.NewData(), ghost: newGhost(dm), shownNs: math.MinInt64,
		baseW: power.DefaultBudget.HotelW(r.m) + power.DefaultBudget.ComputeW}
	p.snap = dash.Snapshot{Pos: make([]body.Vec3, n), Rot: make([]body.Quat, n), Body: "body on ROS 2", BudgetW: power.DefaultBudget.TotalW,
		PowerSource: string(power.FromModel), Rejected: map[string]uint64{}}
	return p
}

// obey does what people ask for on the page: the stop stays pressed until it is acknowledged, and while the body is let down
// at the end nobody acknowledges.
func (run *ros2Run) obey() {
	if run.page == nil {
		return
	}
	for {
		select {
		case c := <-run.page.server.Commands():
			switch {
			case c.Kind == dash.EStop:
				run.r.Stop = true
			case c.Kind == dash.Ack && (run.o.leaving == nil || !run.o.leaving()):
				run.r.Stop, run.r.Ack = false, true
			}
		default:
			return
		}
	}
}

// show tells the page of a tick, at the camera's rate of the body's time.
func (p *ros2Page) show(r *Robot, a *account) {
	s := &p.snap
	s.PowerW, s.PowerBasis = p.busW(r)
	a.framePeakW = math.Max(a.framePeakW, s.PowerW)
	now := r.Sensors.StampNs
	if now < p.shownNs+framePeriodNs {
		return
	}
	p.shownNs = now
	s.StampNs, s.Ticks = now, uint64(a.n)
	p.pose(&r.State)
	s.GhostPos, s.GhostRot = p.ghost.of(r, s.Pos, s.Rot, r.State.Foot[body.Left].ForceN[2] >= r.State.Foot[body.Right].ForceN[2])
	s.Upright = r.State.Balance.Upright(r.m.StandHeightM)
	a.tell(s, r)
	p.server.Publish(s)
}

// pose puts the links where the state has them.
func (p *ros2Page) pose(state *body.State) {
	n := p.kin.Model().Body().NJoints()
	p.kin.Kinematics(state.PosM, state.Rot, state.VelMS, state.AngVelRadS, state.QRad[:n], state.DQRadS[:n])
	for i := range p.snap.Pos {
		p.snap.Pos[i], p.snap.Rot[i] = p.kin.LinkPose(i)
	}
}

// busW returns the electrical power at the bus by the motor model, and what it is computed from: no ROS message of the body's
// tells it. Windings are as warm as the gate takes them to be.
func (p *ros2Page) busW(r *Robot) (watts float64, basis string) {
	watts = p.baseW
	told := false
	for j := range r.m.Joints {
		tau := r.Sensors.TauNm[j]
		told = told || tau != 0
		watts += power.DrawW(&r.m.Joints[j].Motor, tau, r.Sensors.DQRadS[j], r.gate.WindingC(j))
	}
	if !told {
		return p.baseW + r.Verdict.GrantedW, fromGranted
	}
	return watts, fromEfforts
}
