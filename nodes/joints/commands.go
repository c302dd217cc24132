package joints

import "robotd/body"

// pending is how many commands may wait for their other half: the two messages travel separately, and after a stall many
// of one kind may come before the first of the other.
const pending = 32

// Commands makes joint commands from the two messages that carry one: positions, velocities and torques on joint_command,
// gains on joint_gains, with equal stamps. The halves may come in either order.
type Commands struct {
	Counts
	targets *Matcher // of joint_command
	gains   *Matcher // of joint_gains
	slots   [pending]slot
	next    uint64 // arrivals so far
	whole   body.Command
}

// slot is a command of which one half has come.
type slot struct {
	arrival uint64 // 0 if the slot is free
	gains   bool   // which half it is
	cmd     body.Command
}

// NewCommands returns a joiner of commands for the body.
func NewCommands(m *body.Model) *Commands {
	return &Commands{targets: NewMatcher(m), gains: NewMatcher(m)}
}

// Joints takes a joint_command: rad, rad/s and N m in the order of names. It returns the whole command once both halves of
// a stamp are there, else nil. The command is shared and valid until the next call.
func (c *Commands) Joints(stampNs int64, names []string, qRad, dqRadS, tauNm []float64) (*body.Command, error) {
	k := c.targets
	_, err := k.Order(names)
	if err == nil {
		err = k.Check("position", qRad)
	}
	if err == nil {
		err = k.Check("velocity", dqRadS)
	}
	if err == nil {
		err = k.Check("effort", tauNm)
	}
	if err != nil {
		return nil, c.count(err)
	}
	s, done := c.slot(stampNs, false)
	k.scatter(&s.cmd.QRad, qRad)
	k.scatter(&s.cmd.DQRadS, dqRadS)
	k.scatter(&s.cmd.TauNm, tauNm)
	return c.finish(s, done), nil
}

// Gains takes a joint_gains: kp in N m/rad and kd in N m s/rad in the order of names. It returns what Joints does.
func (c *Commands) Gains(stampNs int64, names []string, kpNmRad, kdNmsRad []float64) (*body.Command, error) {
	k := c.gains
	_, err := k.Order(names)
	if err == nil {
		err = k.Check("position (kp)", kpNmRad)
	}
	if err == nil {
		err = k.Check("velocity (kd)", kdNmsRad)
	}
	if err != nil {
		return nil, c.count(err)
	}
	s, done := c.slot(stampNs, true)
	k.scatter(&s.cmd.KpNmRad, kpNmRad)
	k.scatter(&s.cmd.KdNmsRad, kdNmsRad)
	return c.finish(s, done), nil
}

// slot returns where a half of that stamp goes, and whether it completes what is there.
func (c *Commands) slot(stampNs int64, gains bool) (s *slot, done bool) {
	oldest := &c.slots[0]
	for i := range c.slots {
		s := &c.slots[i]
		if s.arrival > 0 && s.cmd.StampNs == stampNs && s.gains != gains {
			return s, true
		}
		if s.arrival < oldest.arrival {
			oldest = s
		}
	}
	c.drop(oldest)
	c.next++
	oldest.arrival, oldest.gains, oldest.cmd.StampNs = c.next, gains, stampNs
	return oldest, false
}

// finish hands on a completed command. Halves that came before it and still wait are given up, so that no older command
// can follow a newer one.
func (c *Commands) finish(s *slot, done bool) *body.Command {
	if !done {
		return nil
	}
	c.whole = s.cmd
	arrival := s.arrival
	s.arrival = 0
	for i := range c.slots {
		if c.slots[i].arrival < arrival {
			c.drop(&c.slots[i])
		}
	}
	c.accepted.Add(1)
	return &c.whole
}

// drop frees a slot whose other half did not come.
func (c *Commands) drop(s *slot) {
	if s.arrival > 0 {
		s.arrival = 0
		c.refused[Unpaired].Add(1)
	}
}

// count counts the refusal that a matcher returned.
func (c *Counts) count(err error) error {
	if r, ok := err.(*Refusal); ok {
		c.refused[r.Reason].Add(1)
	}
	return err
}
