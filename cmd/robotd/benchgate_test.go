package main

import (
	"encoding/json"
	"strings"
	"testing"

	"robotd/launch"
)

func TestBenchGatePrintsOneObject(t *testing.T) {
	code, out, errs := robotd(t, "bench", "gate", "--ticks", "800", "--byzantine", "--seed", "3", "-o", "json")
	var b launch.GateBench
	if err := json.Unmarshal([]byte(out), &b); err != nil || code != exitOK || b.Ticks != 800 || b.Violations != 0 || b.Seed != 3 || !b.Byzantine {
		t.Errorf("%d %v %s %s", code, err, out, errs)
	}
	for _, field := range []string{`"violations":0`, `"allocs":0`, `"ns_per_tick":`} {
		if !strings.Contains(out, field) {
			t.Errorf("no %s in %s", field, out)
		}
	}
	if code, out, _ := robotd(t, "bench", "gate", "--ticks", "10"); code != exitOK || !strings.HasPrefix(out, "10 ticks, 0 violations") {
		t.Errorf("%d %s", code, out)
	}
}
