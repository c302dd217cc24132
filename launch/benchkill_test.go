//go:build linux

package launch

import (
	"context"
	"log/slog"
	"os"
	"testing"
)

// TestKillCampaignShort is the short form of 'robotd bench kill'. Times are the full form's to judge, on a machine left alone.
func TestKillCampaignShort(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	o := KillOptions{Kills: 2, Run: RealtimeOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Seed: 1, NoDash: true}, Say: func(line string) { t.Log(line) }}
	s, err := NewSupervisor(o.Run, os.Args[0], slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b, err := BenchKill(context.Background(), o, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(b.Text())
	if b.Fell > 0 || b.DriveLetGo > 0 || b.Gate.Kills != 2 || b.Mind.Kills != 2 || b.Host.Kills != 2 || b.Host.WorstRung == "" || !(b.Gate.DampedMsMax > 5) {
		t.Errorf("%+v", b)
	}
}

func TestKillBenchJudges(t *testing.T) {
	good := KillBench{Kills: 1, Host: KilledRow{Kills: 1, PlanningMsMax: 500}, Mind: KilledRow{Kills: 1, PlanningMsMax: 1999}, Gate: GateRow{Kills: 1}, GateTicks: 1500, GateLost: 2}
	if good.judge(); !good.Pass || good.GateBudget != 2 {
		t.Errorf("%+v", good)
	}
	for i, bad := range []func(*KillBench){func(b *KillBench) { b.GateLost = 3 }, func(b *KillBench) { b.Fell = 1 }, func(b *KillBench) { b.DriveLetGo = 1 },
		func(b *KillBench) { b.Mind.PlanningMsMax = 2001 }, func(b *KillBench) { b.Gate.Late = 1 }, func(b *KillBench) { b.Gate.Kills = 0 }} {
		b := good
		if bad(&b); true {
			b.judge()
		}
		if b.Pass {
			t.Errorf("case %d passes", i)
		}
	}
}
