package camera

import (
	"math"

	"robotd/body"
)

const (
	squareM = 0.5 // side of a floor square
	fadeM   = 14  // over which the floor takes the horizon's colour
)

// Colours of the world, red, green, blue in 0..255.
var (
	colLight   = [3]float32{206, 210, 214}
	colDark    = [3]float32{150, 158, 168}
	colHorizon = [3]float32{214, 224, 234}
	colSky     = [3]float32{92, 138, 196}
)

// background paints sky and floor, and resets the depth.
func (r *Renderer) background() {
	// World direction of the pixel ray is col0·px + col1·py + col2, the columns of the inverse of toCam.
	right, down, forward := r.toCam.Row(0), r.toCam.Row(1), r.toCam.Row(2)
	inv := 1 / r.focal
	cx, cy := float32(r.w)/2, float32(r.h)/2
	ox, oy := float32(math.Mod(r.eye[0], 2*squareM)), float32(math.Mod(r.eye[1], 2*squareM))
	height := float32(r.eye[2])
	i := 0
	for y := 0; y < r.h; y++ {
		py := (float32(y) + 0.5 - cy) * inv
		bx, by, bz := down[0]*py+forward[0], down[1]*py+forward[1], down[2]*py+forward[2]
		for x := 0; x < r.w; x++ {
			px := (float32(x) + 0.5 - cx) * inv
			dx, dy, dz := bx+right[0]*px, by+right[1]*px, bz+right[2]*px
			if dz < -1e-5 {
				r.floor(i, ox, oy, dx, dy, -height/dz)
			} else {
				r.depth[i] = farM
				r.blend(i, &colHorizon, &colSky, min(1, 1.6*dz/sqrt(dx*dx+dy*dy+dz*dz)))
			}
			i++
		}
	}
}

// floor paints pixel i, whose ray meets the floor at depth t.
func (r *Renderer) floor(i int, ox, oy, dx, dy, t float32) {
	fx, fy := t*dx, t*dy
	far := sqrt(fx*fx+fy*fy) * (1.0 / fadeM)
	if far >= 1 {
		r.depth[i] = min(t, farM)
		r.blend(i, &colHorizon, &colSky, 0)
		return
	}
	// The offset keeps the sum positive, so that conversion rounds down.
	const offset = 64
	square := int((ox+fx)*(1/squareM)+offset) ^ int((oy+fy)*(1/squareM)+offset)
	r.depth[i] = t
	if square&1 == 0 {
		r.blend(i, &colLight, &colHorizon, far)
	} else {
		r.blend(i, &colDark, &colHorizon, far)
	}
}

// blend paints pixel i with (1−k)·a + k·b.
func (r *Renderer) blend(i int, a, b *[3]float32, k float32) {
	p := r.rgb[3*i : 3*i+3 : 3*i+3]
	p[0] = byte(a[0] + k*(b[0]-a[0]))
	p[1] = byte(a[1] + k*(b[1]-a[1]))
	p[2] = byte(a[2] + k*(b[2]-a[2]))
}

// shadows darkens the floor under each shape of the robot, as light from straight above would: soft discs that show how
// high a foot is.
func (r *Renderer) shadows(scene *Scene) {
	for i := range r.m.Links {
		for g := range r.m.Links[i].Geoms {
			geom := &r.m.Links[i].Geoms[g]
			if geom.Collide == body.Sole {
				continue
			}
			p := scene.Pos[i].Add(scene.Rot[i].Rotate(geom.PosM))
			size := max(geom.SizeM[0], geom.SizeM[1])
			if geom.Shape == body.Capsule {
				size = geom.SizeM[0] * 1.3
			}
			r.shadow(p, size)
		}
	}
	for i := range scene.Objects {
		r.shadow(scene.Objects[i].PosM, scene.Objects[i].RadiusM)
	}
}

// shadow darkens the floor below p within a disc that widens and fades with the height of p.
func (r *Renderer) shadow(p body.Vec3, size float64) {
	up := max(p[2], 0)
	radius := size*1.25 + 0.06*up
	strength := float32(0.34 / (1 + 3*up))
	ground := body.Vec3{p[0], p[1], 0}
	c := r.point(ground)
	x0, y0, x1, y1, ok := r.sphereBounds(c, float32(radius))
	if !ok {
		return
	}
	inv := 1 / r.focal
	rr := float32(1 / (radius * radius))
	for y := y0; y < y1; y++ {
		py := (float32(y) + 0.5 - float32(r.h)/2) * inv
		for x := x0; x < x1; x++ {
			i := y*r.w + x
			t := r.depth[i]
			if t >= farM {
				continue
			}
			px := (float32(x) + 0.5 - float32(r.w)/2) * inv
			dx, dy, dz := t*px-c[0], t*py-c[1], t-c[2]
			if d := (dx*dx + dy*dy + dz*dz) * rr; d < 1 {
				k := 1 - strength*(1-d)
				q := r.rgb[3*i : 3*i+3 : 3*i+3]
				q[0], q[1], q[2] = byte(float32(q[0])*k), byte(float32(q[1])*k), byte(float32(q[2])*k)
			}
		}
	}
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
