package gate

import "robotd/body"

// Granted is a joint command that has passed the gate. Its fields are hidden and only this package fills them, so that
// nothing else can make one; drives and the simulator accept nothing but a Granted. The zero value asks for no torque.
type Granted struct {
	cmd     body.Command
	rung    body.Rung
	joints  int
	limitNm [body.MaxJoints]float64 // torque bound: magnitude and temperature
	quotaW  [body.MaxJoints]float64 // electrical power that the joint's drive may draw at any instant of the tick
	drive   [body.MaxJoints]drive
}

// Command returns the granted joint command.
func (g *Granted) Command() *body.Command { return &g.cmd }

// Rung returns the rung that the command serves.
func (g *Granted) Rung() body.Rung { return g.rung }

// LimitNm is the largest torque that joint j's drive may give in this tick, whatever its quota of power.
func (g *Granted) LimitNm(j int) float64 { return g.limitNm[j] }

// Off reports whether the torque of joint j's drive is to be taken off by its safe-torque-off line, whatever the drive makes of
// its command: it did not obey the last ones.
func (g *Granted) Off(j int) bool { return g.drive[j].off }

// LetGo returns what a drive does by itself once no grant has come for its timeout: it holds nothing and only damps, inside
// the limits of the last grant.
func (g *Granted) LetGo() Granted {
	out := *g
	for j := range out.cmd.QRad {
		out.cmd.KpNmRad[j], out.cmd.TauNm[j], out.cmd.DQRadS[j] = 0, 0, 0
	}
	return out
}
