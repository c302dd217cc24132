package launch

import (
	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/shm"
	"robotd/power"
)

// believer shows a body on a graph of which nobody tells the truth: its links where the mind believes them to be, its watts by the
// motor model from what the gate granted.
type believer struct {
	m       *body.Model
	kin     *dynamics.Data
	scene   *shm.Latest[sceneFrame]
	mind    *shm.Latest[mindFrame]
	verdict *shm.Latest[verdictFrame]
	wire    *shm.Latest[wireFrame]
	baseW   float64 // drawn without a torque: drives, sensors, and the computer's reserve

	view  sceneFrame
	said  mindFrame
	ruled verdictFrame
	sent  wireFrame
}

// believedBasis is what a watt shown so is computed from.
const believedBasis = "the torques that the gate granted and the motor model"

func newBeliever(region *shm.Region, dm *dynamics.Model) *believer {
	m := dm.Body()
	b := &believer{m: m, kin: dm.NewData(), mind: reader[mindFrame](region, "mind"), verdict: reader[verdictFrame](region, "verdict"),
		wire: reader[wireFrame](region, "wire"), baseW: power.DefaultBudget.HotelW(m) + power.DefaultBudget.ComputeW}
	b.view.Upright = true
	_, _ = reader[sceneFrame](region, "scene").Load(&b.view) // of the host before: its counts go on
	b.scene = writer[sceneFrame](region, "scene")
	return b
}

// show publishes what is believed now. What the mind said last stands while there is none.
func (b *believer) show(nowNs int64) {
	_, _ = b.wire.Load(&b.sent)
	_, _ = b.verdict.Load(&b.ruled)
	if _, err := b.mind.Load(&b.said); err != nil {
		return
	}
	v, st := &b.view, &b.said.State
	up := st.Balance.Upright(b.m.StandHeightM)
	if v.Upright && !up {
		v.Fallen++
	}
	v.Upright, v.SimNs, v.Foot = up, st.StampNs, st.Foot
	n := b.m.NJoints()
	b.kin.Kinematics(st.PosM, st.Rot, st.VelMS, st.AngVelRadS, st.QRad[:n], st.DQRadS[:n])
	for i := range b.m.Links {
		v.Pos[i], v.Rot[i] = b.kin.LinkPose(i)
	}
	v.BusMeanW = b.baseW + b.ruled.Verdict.GrantedW
	v.BusPeakW = v.BusMeanW
	v.WorstBusW = max(v.WorstBusW, v.BusMeanW)
	if b.sent.Samples > v.Ticks {
		v.SumBusW += v.BusMeanW * float64(b.sent.Samples-v.Ticks)
	}
	v.Ticks = b.sent.Samples
	_ = b.scene.Store(v, nowNs, 0)
}
