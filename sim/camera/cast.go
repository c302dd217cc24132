package camera

import (
	"github.com/go-gl/mathgl/mgl32"
)

// Light of the surfaces: what reaches every side, what comes from above, what comes from the lamp.
const (
	ambient = 0.42
	skyGlow = 0.16
	lamp    = 0.52
)

// paint writes pixel i at depth t with the Lambert shade of unit normal n.
func (r *Renderer) paint(i int, t, nx, ny, nz float32, rgb [3]uint8) {
	r.z[i] = t
	k := ambient + skyGlow*(nx*r.zenith[0]+ny*r.zenith[1]+nz*r.zenith[2])
	if l := nx*r.light[0] + ny*r.light[1] + nz*r.light[2]; l > 0 {
		k += lamp * l
	}
	p := r.rgb[3*i : 3*i+3 : 3*i+3]
	p[0] = byte(min(255, k*float32(rgb[0])))
	p[1] = byte(min(255, k*float32(rgb[1])))
	p[2] = byte(min(255, k*float32(rgb[2])))
}

// sphere casts a ball of centre c (optical frame).
func (r *Renderer) sphere(c mgl32.Vec3, radius float32, rgb [3]uint8) {
	x0, y0, x1, y1, ok := r.sphereBounds(c, radius)
	if !ok {
		return
	}
	inv, cc, ir := 1/r.focal, c.Dot(c)-radius*radius, 1/radius
	for y := y0; y < y1; y++ {
		py := (float32(y) + 0.5 - float32(r.h)/2) * inv
		for x := x0; x < x1; x++ {
			px := (float32(x) + 0.5 - float32(r.w)/2) * inv
			a, b := px*px+py*py+1, px*c[0]+py*c[1]+c[2]
			h := b*b - a*cc
			if h < 0 {
				continue
			}
			t := (b - sqrt(h)) / a
			if i := y*r.w + x; t > nearM && t < r.z[i] {
				r.paint(i, t, (t*px-c[0])*ir, (t*py-c[1])*ir, (t-c[2])*ir, rgb)
			}
		}
	}
}

// capsule casts a cylinder between p and q with round ends (optical frame).
func (r *Renderer) capsule(p, q mgl32.Vec3, radius float32, rgb [3]uint8) {
	x0, y0, x1, y1, ok := r.sphereBounds(p, radius)
	u0, v0, u1, v1, also := r.sphereBounds(q, radius)
	switch {
	case !ok && !also:
		// Both ends are out of sight, the middle need not be.
		x0, y0, x1, y1, ok = r.sphereBounds(p.Add(q).Mul(0.5), radius+0.5*q.Sub(p).Len())
		if !ok {
			return
		}
	case ok && also:
		x0, y0, x1, y1 = min(x0, u0), min(y0, v0), max(x1, u1), max(y1, v1)
	default:
		x0, y0, x1, y1, _ = r.sphereBounds(p.Add(q).Mul(0.5), radius+0.5*q.Sub(p).Len())
	}
	ba := q.Sub(p)
	k := capsuleRay{p: p, q: q, ba: ba, baba: ba.Dot(ba), bap: -ba.Dot(p), pp: p.Dot(p), qq: q.Dot(q), rr: radius * radius}
	inv, ir := 1/r.focal, 1/radius
	for y := y0; y < y1; y++ {
		py := (float32(y) + 0.5 - float32(r.h)/2) * inv
		for x := x0; x < x1; x++ {
			px := (float32(x) + 0.5 - float32(r.w)/2) * inv
			t, s, hit := k.meet(px, py)
			if i := y*r.w + x; hit && t > nearM && t < r.z[i] {
				// s is the place along the axis, so the normal points from there.
				r.paint(i, t, (t*px-p[0]-s*ba[0])*ir, (t*py-p[1]-s*ba[1])*ir, (t-p[2]-s*ba[2])*ir, rgb)
			}
		}
	}
}

// capsuleRay holds what all rays from the origin at one capsule share.
type capsuleRay struct {
	p, q, ba              mgl32.Vec3
	baba, bap, pp, qq, rr float32
}

// meet returns the depth at which the ray (px, py, 1) enters the capsule, and how far along the axis, 0 to 1.
func (k *capsuleRay) meet(px, py float32) (t, s float32, hit bool) {
	dd := px*px + py*py + 1
	bard := k.ba[0]*px + k.ba[1]*py + k.ba[2]
	rdp := -(k.p[0]*px + k.p[1]*py + k.p[2])
	a := k.baba*dd - bard*bard
	b := k.baba*rdp - k.bap*bard
	c := k.baba*k.pp - k.bap*k.bap - k.rr*k.baba
	h := b*b - a*c
	if h < 0 {
		return 0, 0, false
	}
	end, along := k.p, float32(0)
	if a > 1e-12 {
		t = (-b - sqrt(h)) / a
		y := k.bap + t*bard
		if y > 0 && y < k.baba {
			return t, y / k.baba, true
		}
		if y >= k.baba {
			end, along = k.q, 1
		}
	} else if bard < 0 { // along the axis, the far end first
		end, along = k.q, 1
	}
	m := end[0]*px + end[1]*py + end[2]
	cc := k.pp
	if along == 1 {
		cc = k.qq
	}
	h = m*m - dd*(cc-k.rr)
	if h < 0 {
		return 0, 0, false
	}
	return (m - sqrt(h)) / dd, along, true
}

// box casts a box of centre c, axes the columns of rot, half extents half (optical frame).
func (r *Renderer) box(c mgl32.Vec3, rot mgl32.Mat3, half mgl32.Vec3, rgb [3]uint8) {
	x0, y0, x1, y1, ok := r.boxBounds(c, rot, half)
	if !ok {
		return
	}
	inv := 1 / r.focal
	u, v, w := rot.Col(0), rot.Col(1), rot.Col(2)
	o := mgl32.Vec3{-u.Dot(c), -v.Dot(c), -w.Dot(c)} // the eye in the box's frame
	for y := y0; y < y1; y++ {
		py := (float32(y) + 0.5 - float32(r.h)/2) * inv
		bu, bv, bw := u[1]*py+u[2], v[1]*py+v[2], w[1]*py+w[2]
		for x := x0; x < x1; x++ {
			px := (float32(x) + 0.5 - float32(r.w)/2) * inv
			t, face, sign := slabs(o, half, bu+u[0]*px, bv+v[0]*px, bw+w[0]*px)
			if i := y*r.w + x; t > nearM && t < r.z[i] {
				n := [3]mgl32.Vec3{u, v, w}[face]
				r.paint(i, t, sign*n[0], sign*n[1], sign*n[2], rgb)
			}
		}
	}
}

// slabs returns the depth at which a ray from o along (du, dv, dw) enters the box, the axis of that face and the sign of
// its normal; a negative depth is a miss.
func slabs(o, half mgl32.Vec3, du, dv, dw float32) (t float32, face int, sign float32) {
	enter, leave := float32(-farM), float32(farM)
	d := [3]float32{du, dv, dw}
	for k := 0; k < 3; k++ {
		if d[k] > -1e-9 && d[k] < 1e-9 {
			if o[k] > half[k] || o[k] < -half[k] {
				return -1, 0, 0
			}
			continue
		}
		inv := 1 / d[k]
		a, b, s := (-half[k]-o[k])*inv, (half[k]-o[k])*inv, float32(-1)
		if a > b {
			a, b, s = b, a, 1
		}
		if a > enter {
			enter, face, sign = a, k, s
		}
		leave = min(leave, b)
	}
	if enter > leave {
		return -1, 0, 0
	}
	return enter, face, sign
}
