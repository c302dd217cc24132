package main

import (
	"strings"
	"testing"
)

// TestARunOnAGraphSaysWhereItIsWatched: with an address that serves nothing else, and without any when nobody wants a page.
func TestARunOnAGraphSaysWhereItIsWatched(t *testing.T) {
	run := []string{"run", "--body", "ros2", "--planner", "hold", "--ros-domain", "11", "--duration", "100ms"}
	code, stdout, stderr := robotd(t, append(run, "--dash", "127.0.0.1:0")...)
	if code != exitOK || !strings.Contains(stdout, "watch it, stop it at http://127.0.0.1:") || strings.Contains(stdout, "push") {
		t.Errorf("exit %d: %q %q", code, stdout, stderr)
	}
	if _, stdout, _ = robotd(t, append(run, "--no-dash")...); strings.Contains(stdout, "http") {
		t.Errorf("without a page: %q", stdout)
	}
}
