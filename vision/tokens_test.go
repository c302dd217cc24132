package vision

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"robotd/body"
)

func frame(seed uint64) *body.Image {
	rng := rand.New(rand.NewPCG(seed, 1))
	img := &body.Image{Width: FrameSide, Height: FrameSide, RGB: make([]byte, FrameBytes)}
	for i := range img.RGB {
		img.RGB[i] = byte(rng.IntN(256))
	}
	return img
}

// TestEveryPixelIsInItsPatch looks each value up by its coordinates, the other way round than the code writes them.
func TestEveryPixelIsInItsPatch(t *testing.T) {
	img := frame(1)
	out := make([]float32, NTokens*TokenDim)
	if err := (Tokenizer{}).Tokens(img, out); err != nil {
		t.Fatal(err)
	}
	for token := 0; token < 64; token++ {
		for k := 0; k < 192; k++ {
			x, y, c := token%8*8+k/3%8, token/8*8+k/24, k%3
			want := (float64(img.RGB[(y*64+x)*3+c])/255 - 0.5) / 0.25
			if got := float64(out[token*192+k]); math.Abs(got-want) > 1e-6 {
				t.Fatalf("token %d value %d: %g, want %g", token, k, got, want)
			}
		}
	}
}

func TestRangeIsMinusTwoToTwo(t *testing.T) {
	if scaled[0] != -2 || scaled[255] != 2 || math.Abs(float64(scaled[127]+scaled[128])) > 1e-6 {
		t.Errorf("black %g, white %g, middle %g and %g", scaled[0], scaled[255], scaled[127], scaled[128])
	}
}

func TestWrongSizesAreNamed(t *testing.T) {
	out := make([]float32, NTokens*TokenDim)
	cases := []struct {
		img  body.Image
		out  []float32
		want string
	}{
		{body.Image{Width: 640, Height: 480, RGB: make([]byte, 640*480*3)}, out, "640×480"},
		{body.Image{Width: 64, Height: 64, RGB: make([]byte, 64*64*4)}, out, "rgb8"},
		{body.Image{Width: 64, Height: 64}, out, "0 bytes"},
		{*frame(1), out[:10], "10 values"},
	}
	for _, c := range cases {
		err := Tokenizer{}.Tokens(&c.img, c.out)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want it to name %q", err, c.want)
		}
	}
	for _, v := range out {
		if v != 0 {
			t.Fatal("a refused frame was written")
		}
	}
}

func TestTokensDoNotAllocate(t *testing.T) {
	img, out := frame(2), make([]float32, NTokens*TokenDim)
	var tok Tokenizer
	if n := testing.AllocsPerRun(20, func() { _ = tok.Tokens(img, out) }); n != 0 {
		t.Errorf("%g allocations a frame", n)
	}
}

func BenchmarkTokens(b *testing.B) {
	img, out := frame(3), make([]float32, NTokens*TokenDim)
	for b.Loop() {
		TokenBytes(img.RGB, out)
	}
}
