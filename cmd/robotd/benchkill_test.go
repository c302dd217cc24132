package main

import (
	"strings"
	"testing"
)

func TestBenchKillRefusesNonsense(t *testing.T) {
	for flags, want := range map[string]string{"--body moon": "want sim or ros2", "--kills 0": "want 1 to", "--plan-hz 7": "divide 1000", "--planner hold": "mode2 or balance"} {
		code, _, errs := robotd(t, append([]string{"bench", "kill"}, strings.Fields(flags)...)...)
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %q", flags, code, errs)
		}
	}
}

// TestARealtimeRunOnAGraphRefusesWhatOnlyTheSimulatorHas: as the lockstep one does.
func TestARealtimeRunOnAGraphRefusesWhatOnlyTheSimulatorHas(t *testing.T) {
	code, _, errs := robotd(t, "run", "--realtime", "--body", "ros2", "--pushes", "3")
	if code != exitUsage || !strings.Contains(errs, "--pushes: the embedded simulator only") {
		t.Errorf("exit %d, %q", code, errs)
	}
}
