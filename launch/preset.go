package launch

import "fmt"

// Preset returns the training options of that name for a body of so many joints.
func Preset(name string, joints int) (TrainOptions, error) {
	o := DefaultTraining(joints)
	switch name {
	case "default":
		return o, nil
	case "physical": // the control: is it the latent?
		o.Config.Physical = true
		return o, nil
	case "quick":
		o.Rounds, o.FirstFrames, o.RoundFrames, o.FirstUpdates, o.RoundUpdates = 1, 20_000, 8_000, 400, 200
		o.HeadUpdates, o.ActorUpdates, o.EvalEpisodes, o.SightFrames, o.SightUpdates = 100, 150, 4, 2_000, 100
		return o, nil
	}
	return o, fmt.Errorf("preset %q: want default, physical or quick", name)
}
