//go:build linux

package launch

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"robotd/body"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/ros2"
	"robotd/ros2/msg/std_msgs"
)

// testDomain is one that no other test of this package uses: above all theirs, by process.
func testDomain() int { return 100 + os.Getpid()%20 }

// TestStampsOfTheBodyByOurClock: whatever way the messages take, stamps keep the body's even steps, are never of the future, and
// tell the age of what came late.
func TestStampsOfTheBodyByOurClock(t *testing.T) {
	const bodyNs, ourNs, wayNs = 5_000_000_000, 900_000_000_000, 200_000
	var c bodyClock
	last := int64(0)
	for i := range int64(3000) {
		delayNs := int64(wayNs)
		if i%7 == 3 {
			delayNs += 700_000
		}
		if i == 2000 {
			delayNs = 30_000_000
		}
		now := ourNs + i*tickNs + i*50 + delayNs // our clock runs 50 ppm faster
		at := c.at(bodyNs+i*tickNs, now)
		if at > now || at <= last {
			t.Fatalf("sample %d: at %d, arrived at %d, the one before at %d", i, at, now, last)
		}
		if step := at - last; i > 10 && (step < tickNs-2000 || step > tickNs+2000) {
			t.Fatalf("sample %d: a step of %d ns", i, step)
		}
		if age := now - at; i > 10 && (age < delayNs-wayNs-2000 || age > delayNs-wayNs+2000) {
			t.Fatalf("sample %d is late by %d ns, told %d", i, delayNs-wayNs, age)
		}
		last = at
	}
	for i := range int64(100) { // the body's clock leaps ahead: no stamp of the future
		now := ourNs + (3000+i)*tickNs
		if at := c.at(bodyNs+60_000_000_000+i*tickNs, now); at > now || at <= last {
			t.Fatalf("after a leap: at %d, arrived at %d", at, now)
		} else {
			last = at
		}
	}
}

// TestACommandAnswersTheSampleThatItIsOf: by the body's own stamp, as long as the link remembers it; else the newest.
func TestACommandAnswersTheSampleThatItIsOf(t *testing.T) {
	region, err := shm.Create("robotd-test", parts()...)
	if err != nil {
		t.Fatal(err)
	}
	defer region.Close()
	l := newGraphLink(region)
	if l.find(1) {
		t.Error("it found a sample before there was one")
	}
	ours := map[int64]int64{}
	for i := int64(1); i <= 40; i++ {
		l.sample.StampNs = 7_000_000_000 + i*tickNs
		l.pass(9_000_000_000 + i*tickNs)
		ours[i] = l.sample.StampNs
	}
	for _, c := range []struct{ of, want int64 }{{40, 40}, {38, 38}, {25, 25}, {20, 40}} {
		if !l.find(ours[c.of]) || l.answers.stampNs != 7_000_000_000+c.want*tickNs {
			t.Errorf("a command of sample %d answers %d", c.of, (l.answers.stampNs-7_000_000_000)/tickNs)
		}
	}
	var s body.Sensors
	if _, err := reader[body.Sensors](region, "sensors").Load(&s); err != nil || s.StampNs != ours[40] {
		t.Errorf("the newest sample is of %d, %v", s.StampNs, err)
	}
}

// TestALiftIsToldAfterTheBodyStands: not with a sample of the fall that was still on its way.
func TestALiftIsToldAfterTheBodyStands(t *testing.T) {
	region, err := shm.Create("robotd-test", parts()...)
	if err != nil {
		t.Fatal(err)
	}
	defer region.Close()
	l, lift := newGraphLink(region), reader[liftFrame](region, "lift")
	raised := raisedFrame{AtNs: rate.System{}.NowNs(), StampNs: 5 * tickNs}
	if err := writer[raisedFrame](region, "raised").Store(&raised, 1, 0); err != nil {
		t.Fatal(err)
	}
	for stamp := int64(3); stamp <= 6; stamp++ {
		l.sample.StampNs = stamp * tickNs
		l.pass(9_000_000_000 + stamp*tickNs)
		var f liftFrame
		if _, err := lift.Load(&f); (err == nil) != (stamp >= 5) {
			t.Errorf("sample %d: lift told %v", stamp, err == nil)
		}
	}
}

// TestRealtimeOverROS2: host and mind die, the wire does not; the graph stops the robot and only an acknowledgement takes that
// back; when the gate dies the body's drives let go.
func TestRealtimeOverROS2(t *testing.T) {
	o := RealtimeOptions{Planner: Balance, PlanHz: 50, Seed: 1, NoDash: true, OnGraph: true, Peer: true, Domain: testDomain()}
	r := startRealtime(t, o)
	link, heard := r.s.PID(roleLink), r.wire().Samples
	r.kill(roleHost)
	r.kill(roleMind)
	op, err := Attach(0)
	if err != nil {
		t.Fatal(err)
	}
	defer op.Close()
	balances := func() bool { return r.verdict().Verdict.Rung == body.RungBalance }
	r.until("it balances by its new mind", 30*time.Second, func() bool { acknowledge(t, r, op); return balances() })
	if w := r.wire(); r.s.PID(roleLink) != link || w.Samples < heard+100 || w.Failed > 0 {
		t.Errorf("link %d, was %d; %+v", r.s.PID(roleLink), link, w.share())
	}
	if v := r.view(); !v.Upright || v.Fallen > 0 {
		t.Errorf("fell %d times; the gate took it down for %v", v.Fallen, r.verdict().Down)
	}
	press := estopOn(t, o.graph())
	r.until("the graph stops it", 10*time.Second, func() bool { press(true); return r.verdict().Verdict.Rung == body.RungCrouch })
	press(false)
	time.Sleep(200 * time.Millisecond)
	if rung := r.verdict().Verdict.Rung; rung != body.RungCrouch {
		t.Errorf("false on estop: rung %v", rung)
	}
	if _, err := op.Ack(); err != nil {
		t.Fatal(err)
	}
	r.until("acknowledged it climbs", 10*time.Second, balances)
	before := r.view().DriveTimeouts
	r.kill(roleGate)
	r.until("the drives let go", 5*time.Second, func() bool { return r.view().DriveTimeouts > before })
	r.until("the new gate damps", 30*time.Second, func() bool { return r.verdict().Verdict.Rung >= body.RungCrouch })
	if rep := r.end(); rep.Wire == nil || rep.Wire.LetGo == 0 || rep.Processes[roleLink].Restarts > 0 {
		t.Errorf("%+v %+v", rep, rep.Wire)
	} else {
		t.Log(rep.Text())
	}
}

func (r *running) wire() (f wireFrame) {
	_, _ = reader[wireFrame](r.s.region, "wire").Load(&f)
	return f
}

// acknowledge does so when the robot waits for it: a shared machine may have stood still.
func acknowledge(t *testing.T, r *running, op *Operator) {
	t.Helper()
	if !r.verdict().Verdict.Owed {
		return
	}
	if _, err := op.Ack(); err != nil {
		t.Fatal(err)
	}
}

// estopOn returns who presses the stop on a graph.
func estopOn(t *testing.T, graph ros2.Options) func(bool) {
	t.Helper()
	node, err := ros2.NewNode(context.Background(), "stopper", graph)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { node.Close() })
	p, err := ros2.NewPublisher[*std_msgs.Bool](node, "estop", ros2.Reliable)
	if err != nil {
		t.Fatal(err)
	}
	return func(press bool) {
		if err := p.Publish(&std_msgs.Bool{Data: press}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRealtimeOnABodyOfTheGraph: one that is not ours to look into is shown as it is believed to be; when its clock is set back
// another link takes over.
func TestRealtimeOnABodyOfTheGraph(t *testing.T) {
	o := RealtimeOptions{Planner: Balance, PlanHz: 50, Seed: 1, NoDash: true, OnGraph: true, Domain: testDomain() + 20}
	p := newPuppet(t, liveModel.Body(), o.graph())
	back, over := make(chan struct{}), make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		began, epoch := time.Now(), p.nowNs
		for {
			select {
			case <-back:
				back, epoch = nil, epoch-50e9
			case <-over:
				return
			case <-tick.C:
				p.nowNs = epoch + time.Since(began).Nanoseconds()
				p.publish()
			}
		}
	}()
	t.Cleanup(func() { close(over); <-ended })
	r := startRealtime(t, o)
	if v := r.view(); !v.Upright || v.BusMeanW < 100 || v.BusMeanW > 500 || v.Pos[1] == (body.Vec3{}) {
		t.Errorf("shown: upright %v, %.0f W, first link at %v", v.Upright, v.BusMeanW, v.Pos[1])
	}
	link := r.s.PID(roleLink)
	close(back)
	r.until("another link", 20*time.Second, func() bool { return r.s.PID(roleLink) != link })
	heard := r.wire().Samples
	r.until("it hears the body", 20*time.Second, func() bool { w := r.wire(); return w.Samples != heard && w.Samples > 0 })
	if rep := r.end(); rep.Processes[roleLink].Restarts != 1 {
		t.Errorf("%+v", rep.Processes[roleLink])
	}
}

// TestKillCampaignShortOverROS2 is the short form of 'robotd bench kill --body ros2'.
func TestKillCampaignShortOverROS2(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	o := KillOptions{Kills: 2, Say: func(line string) { t.Log(line) },
		Run: RealtimeOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Seed: 1, NoDash: true, OnGraph: true, Peer: true, Domain: testDomain() + 40}}
	s, err := NewSupervisor(o.Run, os.Args[0], slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b, err := BenchKill(context.Background(), o, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(b.Text())
	if b.Fell > 0 || b.Gate.Kills != 2 || b.Mind.Kills != 2 || b.Host.Kills != 2 || !(b.Gate.DampedMsMax > 5) || b.Wire == nil || b.Wire.Samples < 1000 || b.Wire.Failed > 0 {
		t.Errorf("%+v %+v", b, b.Wire)
	}
}
