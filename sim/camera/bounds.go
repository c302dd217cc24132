package camera

import (
	"github.com/go-gl/mathgl/mgl32"
)

// sphereBounds returns the pixel rectangle [x0, x1)×[y0, y1) that a ball can cover; ok is false when it covers none. The
// edges are the tangents from the eye in the planes of x and y.
func (r *Renderer) sphereBounds(c mgl32.Vec3, radius float32) (x0, y0, x1, y1 int, ok bool) {
	if c[2]+radius <= nearM || radius <= 0 {
		return 0, 0, 0, 0, false
	}
	if c[2]-radius <= nearM { // the eye's plane cuts it: no tangent on one side
		return 0, 0, r.w, r.h, true
	}
	left, right := tangents(c[0], c[2], radius)
	top, bottom := tangents(c[1], c[2], radius)
	return r.clip(left, right, top, bottom)
}

// tangents returns the slopes x/z of the two tangents from the origin to the circle of centre (x, z).
func tangents(x, z, radius float32) (lo, hi float32) {
	den := 1 / (z*z - radius*radius)
	root := radius * sqrt(x*x+z*z-radius*radius)
	return (x*z - root) * den, (x*z + root) * den
}

// boxBounds is sphereBounds of a box, from its corners.
func (r *Renderer) boxBounds(c mgl32.Vec3, rot mgl32.Mat3, half mgl32.Vec3) (x0, y0, x1, y1 int, ok bool) {
	u, v, w := rot.Col(0).Mul(half[0]), rot.Col(1).Mul(half[1]), rot.Col(2).Mul(half[2])
	lo, hi := mgl32.Vec2{farM, farM}, mgl32.Vec2{-farM, -farM}
	behind := 0
	for k := 0; k < 8; k++ {
		p := c
		for bit, e := range [3]mgl32.Vec3{u, v, w} {
			if k>>bit&1 == 0 {
				e = e.Mul(-1)
			}
			p = p.Add(e)
		}
		if p[2] <= nearM {
			behind++
			continue
		}
		x, y := p[0]/p[2], p[1]/p[2]
		lo = mgl32.Vec2{min(lo[0], x), min(lo[1], y)}
		hi = mgl32.Vec2{max(hi[0], x), max(hi[1], y)}
	}
	switch behind {
	case 0:
		return r.clip(lo[0], hi[0], lo[1], hi[1])
	case 8:
		return 0, 0, 0, 0, false
	}
	return 0, 0, r.w, r.h, true
}

// clip turns slopes into whole pixels inside the image.
func (r *Renderer) clip(left, right, top, bottom float32) (x0, y0, x1, y1 int, ok bool) {
	x0, x1 = span(left, right, r.focal, r.w)
	y0, y1 = span(top, bottom, r.focal, r.h)
	return x0, y0, x1, y1, x0 < x1 && y0 < y1
}

func span(lo, hi, focal float32, n int) (int, int) {
	half, limit := float32(n)/2, float32(n)
	a := min(max(lo*focal+half-0.5, 0), limit)
	b := min(max(hi*focal+half+1.5, 0), limit)
	return int(a), int(b)
}
