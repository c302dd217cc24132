package launch

import (
	"context"
	"fmt"
	"math"
	"time"

	"robotd/cost"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/jepa/nn"
	"robotd/mpc"
)

// TrainOptions say how a world model, its critic and its actor are made: policy iteration, round by round on the planner's
// own runs.
type TrainOptions struct {
	Seed         uint64  `json:"seed"`
	Rounds       int     `json:"rounds"` // after the first
	FirstFrames  int     `json:"first_frames"`
	RoundFrames  int     `json:"round_frames"`
	FirstUpdates int     `json:"first_updates"`
	RoundUpdates int     `json:"round_updates"`
	HeadUpdates  int     `json:"head_updates"`
	ActorUpdates int     `json:"actor_updates"`
	Memory       int     `json:"memory_rounds"` // critic and actor learn from this many last rounds
	MaxPushNs    float64 `json:"max_push_ns"`
	EvalEpisodes int     `json:"eval_episodes"` // a level, after each round
	SightFrames  int     `json:"sight_frames"`
	SightUpdates int     `json:"sight_updates"`

	World  jepa.WorldOptions `json:"world"`
	Sight  jepa.SightOptions `json:"sight"`
	Heads  jepa.HeadOptions  `json:"heads"`
	Config jepa.Config       `json:"model"`
	Search mpc.Options       `json:"search"`

	Dir string `json:"-"`
	Log Log    `json:"-"`
}

// Log hears how the training goes.
type Log interface {
	// Phase begins a piece of work of total steps; Advance tells how many are done.
	Phase(name string, total int)
	Advance(done int)
	// Note prints one line of result.
	Note(text string)
}

// DefaultTraining is the preset whose result the binary embeds.
func DefaultTraining(joints int) TrainOptions {
	return TrainOptions{Seed: 1, Rounds: 9, FirstFrames: 120_000, RoundFrames: 40_000, FirstUpdates: 3000, RoundUpdates: 1800,
		HeadUpdates: 500, ActorUpdates: 1000, Memory: 4, MaxPushNs: 60, EvalEpisodes: 12, SightFrames: 12_000, SightUpdates: 1500,
		World: jepa.DefaultWorldOptions(), Sight: jepa.DefaultSightOptions(), Heads: jepa.DefaultHeadOptions(),
		Config: jepa.DefaultConfig(joints), Search: mpc.Defaults()}
}

// Curve is one point of the training's record.
type Curve struct {
	Round  int            `json:"round"`
	Update int            `json:"update"`
	Loss   jepa.WorldLoss `json:"loss"`
}

// RoundResult sums up one round.
type RoundResult struct {
	Round     int     `json:"round"`
	Frames    int     `json:"frames"`
	WorldLoss float64 `json:"world_loss"`
	Critic    float64 `json:"critic_bce"`
	CriticR2  float64 `json:"critic_r2"`
	Actor     float64 `json:"actor_mse"`
	J50       float64 `json:"j50_ns"`
	Seconds   float64 `json:"seconds"`
}

// Trainer holds a training under way.
type Trainer struct {
	o      TrainOptions
	dm     *dynamics.Model
	model  *jepa.Model
	replay *jepa.Replay // as gathered
	learn  *jepa.Replay // what is learned from: each episode and, of a body with equal halves, its reflection
	mirror *jepa.Mirror // nil of another body
	first  []int        // episode of replay with which each round begins
	rounds []RoundResult
	curves []Curve
	heads  struct{ critic, actor *jepa.Head }
}

// NewTrainer begins a training, or takes up the one that o.Dir holds.
func NewTrainer(dm *dynamics.Model, o TrainOptions) (*Trainer, error) {
	t := &Trainer{o: o, dm: dm, model: jepa.NewModel(o.Config, o.Seed), replay: jepa.NewReplay(o.Config.ObsDim(), o.Config.Joints)}
	t.learn = t.replay
	var err error
	if t.mirror, err = jepa.NewMirror(dm.Body()); err != nil {
		o.Log.Note(fmt.Sprintf("experience is not reflected: the body's halves differ: %v", err))
	} else {
		t.learn = jepa.NewReplay(o.Config.ObsDim(), o.Config.Joints)
	}
	if o.Dir == "" {
		return t, nil
	}
	return t, t.resume()
}

// Run works through the rounds that are left. A cancelled context ends it between two pieces of work; what is finished
// is kept on disk.
func (t *Trainer) Run(ctx context.Context) error {
	for round := len(t.rounds); round <= t.o.Rounds; round++ {
		if err := t.round(ctx, round); err != nil {
			return err
		}
		if err := t.save(); err != nil {
			return err
		}
	}
	return nil
}

// round gathers, trains the world, the critic and the actor, and asks what the planner can now survive.
func (t *Trainer) round(ctx context.Context, round int) error {
	began := time.Now()
	t.first = append(t.first, t.replay.Episodes())
	if err := t.gather(ctx, round); err != nil {
		return err
	}
	res := RoundResult{Round: round, Frames: t.replay.Frames()}
	loss, err := t.trainWorld(ctx, round)
	if err != nil {
		return err
	}
	res.WorldLoss = loss.Total(t.o.World.Losses)
	recent := t.learned(t.first[max(0, round+1-t.o.Memory)])
	seed := t.o.Seed*1000 + uint64(round)
	sweeps := 2
	if round == 0 { // the critic begins knowing nothing: its returns lean on itself
		sweeps = 6
	}
	t.o.Log.Phase("critic and actor", 1)
	price, terms := cost.New(t.dm.Standing()), cost.Terms{}
	res.Critic, res.CriticR2 = t.model.TrainCritic(jepa.NewHead(t.model.Critic, t.o.Heads, seed), t.learn, recent, sweeps, t.o.HeadUpdates,
		func(y []float32) float64 { price.Posture(y, &terms); return terms.PostureTotal() })
	res.Actor = t.model.CloneActor(jepa.NewHead(t.model.Actor, t.o.Heads, seed), t.learn, recent, t.o.ActorUpdates)
	if err := t.model.Check(); err != nil {
		return err
	}
	if res.J50, err = t.quickJ50(ctx); err != nil {
		return err
	}
	res.Seconds = time.Since(began).Seconds()
	t.rounds = append(t.rounds, res)
	t.o.Log.Note(fmt.Sprintf("round %d: %d frames, world loss %.4f (read-out %.4f), critic R² %.3f, actor MSE %.4f, J50 %.1f N s, %.0f s",
		round, res.Frames, res.WorldLoss, loss.Read, res.CriticR2, res.Actor, res.J50, res.Seconds))
	return nil
}

func (t *Trainer) gather(ctx context.Context, round int) error {
	p := collectPlan{teacher: Balance, frames: t.o.FirstFrames, noise: explorePlan{highest: 0.3, cleanShare: 0.15, stepShare: 0.6}, holdShare: 0.15,
		maxPushNs: 20, seconds: 6, seed: t.o.Seed*1000 + uint64(round), search: t.o.Search, progress: t.o.Log.Advance}
	if round > 0 {
		last := t.rounds[round-1].J50
		p.teacher, p.model, p.frames, p.holdShare = Mode2, t.model, t.o.RoundFrames, 0
		p.noise = explorePlan{highest: 0.2, cleanShare: 0.2, stepShare: 0.15}
		p.maxPushNs = math.Min(t.o.MaxPushNs, math.Max(20, 1.6*last))
	}
	t.o.Log.Phase(fmt.Sprintf("round %d: experience", round), p.frames)
	if err := collect(ctx, t.dm, p, t.replay); err != nil {
		return err
	}
	t.reflect(t.first[round])
	return nil
}

// reflect takes the episodes from first on up into what is learned from.
func (t *Trainer) reflect(first int) {
	if t.mirror == nil {
		return
	}
	for _, e := range t.replay.From(first) {
		t.learn.Add(&e)
		t.learn.Add(t.mirror.Episode(&e))
	}
}

// learned returns where in what is learned from a gathered episode stands.
func (t *Trainer) learned(episode int) int {
	if t.mirror == nil {
		return episode
	}
	return 2 * episode
}

func (t *Trainer) trainWorld(ctx context.Context, round int) (last jepa.WorldLoss, err error) {
	updates := t.o.RoundUpdates
	if round == 0 {
		updates = t.o.FirstUpdates
	}
	t.o.Log.Phase(fmt.Sprintf("round %d: world model", round), updates)
	tr := jepa.NewWorldTrainer(t.model, t.o.World, t.o.Seed*1000+uint64(round))
	tr.Begin(t.learn)
	sched := nn.Schedule{Peak: t.o.World.LR, Warmup: 100, Total: updates}
	var mean jepa.WorldLoss
	const every = 50
	for i := 0; i < updates; i++ {
		if ctx.Err() != nil {
			return last, ctx.Err()
		}
		l := tr.Update(t.learn, sched.At(i))
		mean.Add(l, 1.0/every)
		if (i+1)%every == 0 {
			t.curves = append(t.curves, Curve{round, i + 1, mean})
			last, mean = mean, jepa.WorldLoss{}
			t.o.Log.Advance(i + 1)
		}
	}
	return last, nil
}

// quickJ50 estimates the planner's J50 from few episodes a level: enough to set the next round's pushes, no evidence.
func (t *Trainer) quickJ50(ctx context.Context) (float64, error) {
	var levels []Level
	pushes := []float64{8, 12, 16, 20, 25, 30, 36, 43, 51, 60}
	t.o.Log.Phase("what it survives", len(pushes))
	for i, j := range pushes {
		task := DefaultStandTask(Mode2, t.model)
		task.PlanHz = gatherPlanHz // as the next round's experience is gathered
		task.PushNs, task.Episodes, task.AfterS, task.Search, task.Seed = j, t.o.EvalEpisodes, 3, t.o.Search, 7_000_000+t.o.Seed
		rep, _, err := Stand(ctx, t.dm, task)
		if err != nil {
			return 0, err
		}
		levels = append(levels, Level{j, rep.Successes, rep.Episodes})
		t.o.Log.Advance(i + 1)
		if rep.Successes == 0 {
			break
		}
	}
	return FitJ50(levels), nil
}
