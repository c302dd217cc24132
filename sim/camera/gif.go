package camera

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"math"
	"sync"

	"robotd/body"
)

// maxFrames bounds the memory that a GIF holds until it is closed.
const maxFrames = 4096

// GIF gathers frames into an animated GIF, which Close writes. Each frame keeps only the rectangle that changed.
type GIF struct {
	w     io.Writer
	delay int // hundredths of a second
	last  *image.Paletted
	out   gif.GIF
	done  bool
}

// NewGIF makes an animation on w with framesPerS frames a second (1 to 50), repeated for ever.
func NewGIF(w io.Writer, framesPerS float64) (*GIF, error) {
	if !(framesPerS >= 1 && framesPerS <= 50) {
		return nil, fmt.Errorf("GIF: %g frames a second: the format's players show 1 to 50", framesPerS)
	}
	return &GIF{w: w, delay: int(math.Round(100 / framesPerS))}, nil
}

// Add appends a copy of img. All frames must have the size of the first.
func (g *GIF) Add(img *body.Image) error {
	switch {
	case g.done:
		return errors.New("GIF: frame after Close")
	case img.Width < 1 || img.Height < 1 || len(img.RGB) != 3*img.Width*img.Height:
		return fmt.Errorf("GIF: frame of %d×%d with %d bytes: want 3 a pixel", img.Width, img.Height, len(img.RGB))
	case g.last != nil && g.last.Rect != image.Rect(0, 0, img.Width, img.Height):
		return fmt.Errorf("GIF: frame of %d×%d after frames of %d×%d", img.Width, img.Height, g.last.Rect.Dx(), g.last.Rect.Dy())
	case len(g.out.Image) == maxFrames:
		return fmt.Errorf("GIF: more than %d frames: lower the frame rate or write several", maxFrames)
	}
	palette, nearest := colours()
	full := image.NewPaletted(image.Rect(0, 0, img.Width, img.Height), palette)
	for i := range full.Pix {
		p := img.RGB[3*i : 3*i+3]
		full.Pix[i] = nearest[int(p[0]>>3)<<10|int(p[1]>>3)<<5|int(p[2]>>3)]
	}
	frame := full
	if g.last != nil {
		frame = crop(full, changed(g.last, full))
	}
	g.last = full
	g.out.Image = append(g.out.Image, frame)
	g.out.Delay = append(g.out.Delay, g.delay)
	g.out.Disposal = append(g.out.Disposal, gif.DisposalNone)
	return nil
}

// Close writes the animation. The writer stays open.
func (g *GIF) Close() error {
	if g.done {
		return nil
	}
	g.done = true
	if len(g.out.Image) == 0 {
		return errors.New("GIF: no frames")
	}
	g.out.Config = image.Config{ColorModel: g.last.Palette, Width: g.last.Rect.Dx(), Height: g.last.Rect.Dy()}
	if err := gif.EncodeAll(g.w, &g.out); err != nil {
		return fmt.Errorf("GIF: %w", err)
	}
	return nil
}

// changed returns the smallest rectangle outside which a and b agree; one pixel when they are equal, because a frame
// cannot be empty.
func changed(a, b *image.Paletted) image.Rectangle {
	var r image.Rectangle
	for y := 0; y < b.Rect.Dy(); y++ {
		row, old := b.Pix[y*b.Stride:][:b.Rect.Dx()], a.Pix[y*a.Stride:][:b.Rect.Dx()]
		lo, hi := 0, len(row)
		for lo < hi && row[lo] == old[lo] {
			lo++
		}
		for hi > lo && row[hi-1] == old[hi-1] {
			hi--
		}
		if lo < hi {
			r = r.Union(image.Rect(lo, y, hi, y+1))
		}
	}
	if r.Empty() {
		return image.Rect(0, 0, 1, 1)
	}
	return r
}

func crop(p *image.Paletted, r image.Rectangle) *image.Paletted {
	out := image.NewPaletted(r, p.Palette)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(out.Pix[out.PixOffset(r.Min.X, y):], p.Pix[p.PixOffset(r.Min.X, y):p.PixOffset(r.Max.X-1, y)+1])
	}
	return out
}

// colours returns a palette of a 6×6×6 cube and, where the eye sees banding, steps of sky, floor and grey; and a table
// that maps five bits a channel to it. Made on first use: the table takes a while.
var colours = sync.OnceValues(makePalette)

func makePalette() (color.Palette, []uint8) {
	var p color.Palette
	for i := 0; i < 216; i++ {
		p = append(p, color.RGBA{uint8(i / 36 * 51), uint8(i / 6 % 6 * 51), uint8(i % 6 * 51), 255})
	}
	ramp := func(a, b [3]float32, n int) {
		for i := 0; i < n; i++ {
			k := (float32(i) + 0.5) / float32(n)
			mix := func(c int) uint8 { return uint8(a[c] + k*(b[c]-a[c])) }
			p = append(p, color.RGBA{mix(0), mix(1), mix(2), 255})
		}
	}
	ramp(colHorizon, colSky, 14)
	ramp(colLight, colHorizon, 5)
	ramp(colDark, colHorizon, 7)
	ramp([3]float32{20, 22, 26}, [3]float32{245, 247, 250}, 14)
	table := make([]uint8, 1<<15)
	for i := range table {
		c := color.RGBA{uint8(i>>10<<3 | 4), uint8(i>>5&31<<3 | 4), uint8(i&31<<3 | 4), 255}
		table[i] = uint8(p.Index(c))
	}
	return p, table
}
