package shm

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const childRole = "ROBOTD_SHM_TEST"

// TestMain lets the test binary be the other process.
func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "":
		os.Exit(m.Run())
	case "write":
		childWrites()
	default:
		os.Exit(9)
	}
}

// childWrites stores waves as fast as it can until it is killed, or locked out.
func childWrites() {
	r, err := Open(3, waveParts...)
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	w, err := OpenLatest[wave](r, "latest")
	if err == nil {
		err = w.Claim()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	for n := uint64(1); ; n++ {
		v := waveOf(n)
		if err := w.Store(&v, int64(n), 0); err != nil {
			fmt.Println(err)
			os.Exit(0)
		}
	}
}

func shared(t *testing.T) *Region {
	t.Helper()
	r := must(Create("robotd-test", waveParts...))(t)
	t.Cleanup(func() { r.Close() })
	return r
}

// child starts a writer; what it has to say can be read.
func child(t *testing.T, r *Region) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"=write")
	cmd.ExtraFiles = []*os.File{r.File()}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// await loads until a frame of that epoch is there.
func await(t *testing.T, out *Latest[wave], epoch uint64) (s Stamp) {
	t.Helper()
	var got wave
	for begin := time.Now(); time.Since(begin) < 20*time.Second; {
		s, err := out.Load(&got)
		if err == nil && !got.whole() {
			t.Fatalf("a torn value: %d", got.Count)
		}
		if err == nil && s.Epoch == epoch {
			return s
		}
	}
	t.Fatalf("no frame of writer %d", epoch)
	return s
}

// TestTornAcrossProcesses: another process stores as fast as it can; every value that comes out is whole, none goes back.
func TestTornAcrossProcesses(t *testing.T) {
	r := shared(t)
	out := latestOf(t, r)
	cmd, _ := child(t, r)
	defer cmd.Wait()
	defer cmd.Process.Kill()
	last := await(t, out, 1)
	good, torn := 0, 0
	for begin := time.Now(); time.Since(begin) < 300*time.Millisecond; {
		var got wave
		switch s, err := out.Load(&got); {
		case err == ErrTorn:
			torn++
		case err != nil:
			t.Fatal(err)
		case !got.whole() || s.Seq < last.Seq || got.Count != s.Seq || s.StampNs != int64(s.Seq):
			t.Fatalf("frame %+v after %+v holds %d", s, last, got.Count)
		default:
			good++
			last = s
		}
	}
	if good == 0 {
		t.Error("nothing read")
	}
	t.Logf("%d whole, %d reported torn, up to frame %d", good, torn, last.Seq)
}

// TestWriterKilledAtAnyMoment: hundreds of writers die by kill -9 in the middle of it. The reader always has the newest whole
// frame, and the next writer goes on with a higher epoch.
func TestWriterKilledAtAnyMoment(t *testing.T) {
	kills := 300
	if testing.Short() {
		kills = 30
	}
	r := shared(t)
	out := latestOf(t, r)
	rng := rand.New(rand.NewPCG(3, 4))
	seq := uint64(0)
	for n := 1; n <= kills; n++ {
		cmd, _ := child(t, r)
		await(t, out, uint64(n))
		time.Sleep(time.Duration(rng.IntN(300)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		var got wave
		s, err := out.Load(&got)
		if err != nil || !got.whole() || s.Epoch != uint64(n) || s.Seq <= seq {
			t.Fatalf("after kill %d: %v, %+v, value %d", n, err, s, got.Count)
		}
		seq = s.Seq
	}
	t.Logf("%d writers killed, %d frames", kills, seq)
}

// TestFrozenWriterComesBack: a stopped writer is replaced; when it goes on it finds itself locked out and ends, and no frame
// of it is read.
func TestFrozenWriterComesBack(t *testing.T) {
	r := shared(t)
	out := latestOf(t, r)
	epoch := uint64(0)
	for range 20 {
		old, said := child(t, r)
		epoch++
		await(t, out, epoch)
		old.Process.Signal(syscall.SIGSTOP)
		next := writer(t, r)
		epoch++
		done := make(chan string, 1)
		go func() {
			line, _ := bufio.NewReader(said).ReadString('\n')
			done <- line
		}()
		for n := uint64(1); ; n++ {
			put(t, next, n)
			if n == 2 {
				old.Process.Signal(syscall.SIGCONT)
			}
			var got wave
			if s, err := out.Load(&got); err == nil && (s.Epoch != epoch || got.Count != n) {
				t.Fatalf("read %d of writer %d, want %d of %d", got.Count, s.Epoch, n, epoch)
			}
			select {
			case line := <-done:
				if err := old.Wait(); err != nil || !strings.Contains(line, ErrLockedOut.Error()) {
					t.Fatalf("the old writer ended with %v: %q", err, line)
				}
			default:
				continue
			}
			break
		}
	}
}

func TestForeignDescriptorsAreRefused(t *testing.T) {
	plain, err := unix.MemfdCreate("unsealed", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(uintptr(plain), waveParts...); err == nil || !strings.Contains(err.Error(), "not sealed") {
		t.Errorf("unsealed: %v", err)
	}
	f, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := unix.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(uintptr(fd), waveParts...); err == nil || !strings.Contains(err.Error(), "no shared memory") {
		t.Errorf("a file: %v", err)
	}
	if _, err := Open(^uintptr(0), waveParts...); err == nil {
		t.Error("no descriptor at all was opened")
	}
	small := must(Create("small", LatestPart[int]("a")))(t)
	defer small.Close()
	if fd, err = unix.Dup(int(small.File().Fd())); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(uintptr(fd), waveParts...); !errors.Is(err, ErrMismatch) {
		t.Errorf("another region: %v", err)
	}
	if err := unix.Ftruncate(int(small.File().Fd()), 8); err == nil {
		t.Error("a region could be cut short")
	}
	if _, err := Create("bad", LatestPart[string]("a")); err == nil {
		t.Error("a region of strings was made")
	}
}
