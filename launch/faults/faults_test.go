package faults

import (
	"strings"
	"testing"

	"robotd/body"
	"robotd/gate"
)

// TestEveryFaultIsAnsweredAsOwed plays the catalogue.
func TestEveryFaultIsAnsweredAsOwed(t *testing.T) {
	names := map[string]bool{}
	for _, row := range Catalogue() {
		if names[row.Name] {
			t.Errorf("two rows are called %s", row.Name)
		}
		names[row.Name] = true
		t.Run(row.ID+"_"+row.Name, func(t *testing.T) {
			t.Parallel()
			res, err := row.Run(1)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", res)
			if !res.Pass {
				t.Errorf("%s", res.Why)
			}
		})
	}
	if len(names) < 42 {
		t.Errorf("%d faults have a name, want at least 42", len(names))
	}
}

// TestRandomFaultsBreakNoRule: several faults at once, and people.
func TestRandomFaultsBreakNoRule(t *testing.T) {
	seeds := fullSeeds
	if testing.Short() {
		seeds = 24
	}
	rep, err := RunRandom(t.Context(), 1, seeds)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(rep.Text())
	if !rep.Pass {
		t.Errorf("%d rules broken, causes not seen %v, rungs not seen %v", rep.Broken, rep.MissingCauses, rep.MissingRungs)
	}
}

// TestASeedIsReplayed: the same seed is the same run to the bit, another one is another.
func TestASeedIsReplayed(t *testing.T) {
	var runs [3]*SeedResult
	for i, seed := range []uint64{7, 7, 8} {
		var err error
		if runs[i], err = RunSeed(seed); err != nil {
			t.Fatal(err)
		}
	}
	if runs[0].Trajectory != runs[1].Trajectory || strings.Join(runs[0].Faults, "") != strings.Join(runs[1].Faults, "") {
		t.Errorf("the same seed: %+v and %+v", runs[0], runs[1])
	}
	if runs[0].Trajectory == runs[2].Trajectory {
		t.Errorf("other seeds, the same run")
	}
}

// TestStopAtAnyMoment: whenever it is pressed, the robot is off 3 s later, nearly always kneeling.
func TestStopAtAnyMoment(t *testing.T) {
	presses := 60
	if testing.Short() {
		presses = 16
	}
	rep, err := RunStops(t.Context(), 1, presses)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(rep.Text())
	if !rep.Pass {
		t.Errorf("%+v", rep)
	}
}

// step is a tick as the judge's ladder sees it.
type step struct {
	n      int // times
	rung   body.Rung
	causes gate.Cause
	in     gate.Input
}

// TestJudgeBites: every kind of illegal move is found, and what is legal is let through.
func TestJudgeBites(t *testing.T) {
	plan := gate.Input{PlanFresh: true}
	stop := gate.Input{PlanFresh: true, Stop: true}
	ack := gate.Input{PlanFresh: true, Ack: true}
	crouch := []step{{1, body.RungPlan, 0, plan}, {1, body.RungCrouch, gate.CauseStop, stop}}
	up := []step{{100, body.RungBalance, 0, plan}, {50, body.RungPlan, 0, plan}, {1, body.RungBalance, gate.CauseMode1Refused, plan}}
	for name, c := range map[string]struct {
		steps []step
		want  string // part of what is said; empty: nothing
	}{
		"down and up":     {append([]step{{1, body.RungBalance, gate.CauseMode1Refused, plan}}, up[:2]...), ""},
		"after a stop":    {append(crouch[:2:2], step{1, body.RungCrouch, 0, ack}, step{98, body.RungCrouch, 0, plan}, step{1, body.RungBalance, 0, plan}), ""},
		"pressed at once": {[]step{{1, body.RungCrouch, gate.CauseStop, stop}, {10, body.RungCrouch, gate.CauseStop, stop}}, ""},
		"pressed twice":   {append(crouch[:2:2], step{1, body.RungCrouch, 0, plan}, step{1, body.RungCrouch, gate.CauseStop, stop}), "pressed again"},
		"too early":       {[]step{{1, body.RungBalance, gate.CauseMode1Refused, plan}, {98, body.RungBalance, 0, plan}, {1, body.RungPlan, 0, plan}}, "after 99 healthy"},
		"unacknowledged":  {append(crouch[:2:2], step{200, body.RungCrouch, 0, plan}, step{1, body.RungBalance, 0, plan}), "owed"},
		"past balance":    {append(crouch[:2:2], step{1, body.RungCrouch, 0, ack}, step{100, body.RungCrouch, 0, plan}, step{1, body.RungPlan, 0, plan}), "past the balance"},
		"out of off":      {[]step{{1, body.RungOff, gate.CauseStopLine, plan}, {1, body.RungOff, 0, ack}, {200, body.RungOff, 0, plan}, {1, body.RungBalance, 0, plan}}, "no rung leads out"},
		"stop ignored":    {[]step{{1, body.RungPlan, 0, plan}, {1, body.RungPlan, 0, stop}}, "stop is pressed"},
		"stale plan":      {[]step{{1, body.RungPlan, 0, plan}, {1, body.RungPlan, 0, gate.Input{}}}, "stale"},
		"for no reason":   {[]step{{1, body.RungPlan, 0, plan}, {1, body.RungBalance, 0, plan}}, "without a cause"},
		"a long crouch":   {append(crouch[:2:2], step{3003, body.RungCrouch, gate.CauseStop, stop}), "more than 3 s"},
		"a fourth climb":  {append(append(append(append([]step{{1, body.RungBalance, gate.CauseMode1Refused, plan}}, up...), up...), up...), up[:2]...), "fourth climb"},
		"nonsense served": {[]step{{1, body.RungPlan, 0, plan}, {1, body.RungPlan, gate.CauseCommandBad, nonsense()}}, "no number"},
	} {
		var l ladder
		why, now := "", int64(0)
		for _, s := range c.steps {
			for range s.n {
				now += 1_000_000
				s.in.NowNs = now
				if s.in.Command == nil {
					s.in.Command = &body.Command{}
				}
				if w := l.judge(&s.in, &gate.Verdict{Rung: s.rung, Causes: s.causes}, 1); w != "" && why == "" {
					why = w
				}
			}
		}
		if (c.want == "") != (why == "") || !strings.Contains(why, c.want) {
			t.Errorf("%s: said %q, want %q", name, why, c.want)
		}
	}
}

func nonsense() gate.Input {
	c := &body.Command{}
	c.QRad[0] = nasty[0]
	return gate.Input{PlanFresh: true, Command: c}
}
