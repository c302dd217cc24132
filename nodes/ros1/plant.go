package ros1

import (
	"robotd/body"
	"robotd/nodes/joints"

	"github.com/bluenviron/goroslib/v2"
	"github.com/bluenviron/goroslib/v2/pkg/msgs/geometry_msgs"
	"github.com/bluenviron/goroslib/v2/pkg/msgs/sensor_msgs"
)

// Plant is the body's end: it sends samples and hears commands.
type Plant struct {
	node
	clock
	names     []string
	footFrame [2]string
	commands  *joints.Commands
	handle    func(*body.Command)
	state     *goroslib.Publisher
	imuPub    *goroslib.Publisher
	foot      [2]*goroslib.Publisher
}

// NewPlant joins the graph. handle is called with each command, from goroslib's goroutines but never twice at once; the
// command is shared and valid until handle returns. It is a request from the graph, not a granted one.
func NewPlant(o Options, handle func(*body.Command)) (*Plant, error) {
	p := &Plant{clock: clock{o.EpochNs}, handle: handle}
	if err := p.open(&o); err != nil {
		return nil, err
	}
	p.names, p.commands = names(o.Model), joints.NewCommands(o.Model)
	for side, f := range o.Model.Feet {
		if f.Link >= 0 && f.Link < len(o.Model.Links) {
			p.footFrame[side] = o.Model.Links[f.Link].Name
		}
	}
	pubs, err := p.publish(map[string]any{
		topicState: &sensor_msgs.JointState{}, topicIMU: &sensor_msgs.Imu{},
		topicFoot[body.Left]: &geometry_msgs.WrenchStamped{}, topicFoot[body.Right]: &geometry_msgs.WrenchStamped{},
	})
	if err != nil {
		p.Close()
		return nil, err
	}
	p.state, p.imuPub = pubs[topicState], pubs[topicIMU]
	p.foot = [2]*goroslib.Publisher{pubs[topicFoot[body.Left]], pubs[topicFoot[body.Right]]}
	if err := p.hear(map[string]any{topicCommand: p.hearCommand, topicGains: p.hearGains}); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Counts tells how many commands were handed on and how many messages refused, by reason.
func (p *Plant) Counts() *joints.Counts { return &p.commands.Counts }

// Send publishes a sample: the joint state last, because it is the one that makes the hearer's sample.
func (p *Plant) Send(s *body.Sensors) {
	p.imuPub.Write(p.imu(s))
	for side := range p.foot {
		p.foot[side].Write(p.wrench(s.StampNs, p.footFrame[side], &s.Foot[side]))
	}
	p.state.Write(p.jointState(s.StampNs, p.names, &s.QRad, &s.DQRadS, &s.TauNm))
}

func (p *Plant) hearCommand(m *sensor_msgs.JointState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass(p.commands.Joints(p.fromROS(m.Header.Stamp), m.Name, m.Position, m.Velocity, m.Effort))
}

func (p *Plant) hearGains(m *sensor_msgs.JointState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass(p.commands.Gains(p.fromROS(m.Header.Stamp), m.Name, m.Position, m.Velocity))
}

// pass hands a whole command on; a refusal gives none, has been counted, and there is nobody to return it to.
func (p *Plant) pass(c *body.Command, _ error) {
	if c != nil {
		p.handle(c)
	}
}
