package tensor

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed kernels must be what the generator writes now, apart from the first line, which names the
// command.
func TestKernelsAreWhatTheGeneratorWrites(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"kernels_amd64.s": filepath.Join(dir, "kernels.s"),
		"stubs_amd64.go": filepath.Join(dir, "stubs.go")}
	cmd := exec.Command("go", "run", "-C", "asm", ".", "-out", files["kernels_amd64.s"], "-stubs",
		files["stubs_amd64.go"], "-pkg", "tensor")
	cmd.Env = append(os.Environ(), "GOOS=", "GOARCH=", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the generator (module internal/tensor/asm) does not run: %v\n%s", err, out)
	}
	for committed, made := range files {
		want, err := os.ReadFile(made)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(committed)
		if err != nil {
			t.Fatal(err)
		}
		_, want, _ = bytes.Cut(want, []byte("\n"))
		_, got, _ = bytes.Cut(got, []byte("\n"))
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what the generator writes: run go generate ./internal/tensor",
				committed)
		}
	}
}
