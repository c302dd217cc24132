// Package camera is what the simulated robot sees: a pinhole camera that casts one ray a pixel against the spheres,
// capsules and boxes of a body.Model, coloured balls, a chequered floor and a sky. Surfaces are Lambertian.
//
// It draws on the CPU, without allocation, the same bytes for the same scene. Each primitive is cast only inside the
// rectangle that it can cover, with a depth buffer between them, so that a head frame of 64×64 takes a fraction of a
// millisecond.
package camera

import (
	"math"

	"github.com/go-gl/mathgl/mgl32"

	"robotd/body"
)

// Sphere is a coloured ball in the world.
type Sphere struct {
	PosM    body.Vec3
	RadiusM float64
	RGB     [3]uint8
}

// Scene is what there is to see. Pos and Rot hold one world pose a link of the model, as forward kinematics gives them.
type Scene struct {
	Pos     []body.Vec3
	Rot     []body.Quat
	Objects []Sphere

	// Ghost also draws the robot at GhostPos and GhostRot, translucent: where a plan means to be. Head never sees it.
	Ghost    bool
	GhostPos []body.Vec3
	GhostRot []body.Quat
}

const (
	nearM    = 0.01    // nothing nearer is drawn
	farM     = 1 << 20 // depth of the sky
	ghostMix = 0.38    // opacity of the ghost
)

// Renderer draws scenes of one model at one size. Not safe for concurrent use.
type Renderer struct {
	m      *body.Model
	w, h   int
	hidden []bool // links that the head camera does not see: the head and what carries it up to the chest

	depth []float32 // along the optical axis, m
	ghost []float32 // depth of the ghost, its colour in ghostRGB
	tint  []byte

	// Of the frame being drawn.
	rgb    []byte
	z      []float32
	focal  float32 // pixels
	eye    body.Vec3
	toCam  mgl32.Mat3 // world directions to the optical frame
	light  mgl32.Vec3 // towards the light, optical frame
	zenith mgl32.Vec3 // world z in the optical frame
}

// lightDir points towards the light, world axes, unit length.
var lightDir = mgl32.Vec3{0.35, 0.45, 0.82}.Normalize()

// New makes a renderer of m for images of width×height pixels; a size below one pixel counts as one.
func New(m *body.Model, width, height int) *Renderer {
	w, h := max(width, 1), max(height, 1)
	r := &Renderer{m: m, w: w, h: h, hidden: make([]bool, len(m.Links)), depth: make([]float32, w*h),
		ghost: make([]float32, w*h), tint: make([]byte, 3*w*h)}
	for i := m.Camera.Link; i > 0 && i != m.Chest && i < len(m.Links); i = m.Links[i].Parent {
		r.hidden[i] = true
	}
	return r
}

// Head draws what the model's camera sees into out: the optical frame has z forward, x right, y down (REP-103), the
// vertical field of view is m.Camera.FovYRad. The head's and neck's own shapes are left out. out.RGB is allocated when
// its size differs, and reused after; the stamp is the caller's.
func (r *Renderer) Head(scene *Scene, out *body.Image) {
	c := &r.m.Camera
	rot := scene.Rot[c.Link]
	eye := scene.Pos[c.Link].Add(rot.Rotate(c.PosM))
	m := rot.Mul(c.Rot).Mat()
	r.begin(eye, m.Col(0), m.Col(1), m.Col(2), c.FovYRad, out)
	r.robot(scene.Pos, scene.Rot, r.hidden, nil)
	r.objects(scene.Objects)
}

// View draws the scene from eye towards target (world, m), z up, with the vertical field of view fovY (rad). out as in
// Head.
func (r *Renderer) View(scene *Scene, eye, target body.Vec3, fovY float64, out *body.Image) {
	forward, right, down := lookAt(eye, target)
	r.begin(eye, right, down, forward, fovY, out)
	r.shadows(scene)
	r.robot(scene.Pos, scene.Rot, nil, nil)
	r.objects(scene.Objects)
	if scene.Ghost {
		r.drawGhost(scene)
	}
}

// lookAt returns the axes of an optical frame at eye that looks at target with the world's z upward.
func lookAt(eye, target body.Vec3) (forward, right, down body.Vec3) {
	forward = target.Sub(eye)
	if n := forward.Norm(); n > 1e-9 {
		forward = forward.Scale(1 / n)
	} else {
		forward = body.Vec3{1, 0, 0}
	}
	right = forward.Cross(body.Vec3{0, 0, 1})
	if n := right.Norm(); n > 1e-6 {
		right = right.Scale(1 / n)
	} else {
		right = body.Vec3{0, -1, 0} // straight up or down: heading along x
	}
	return forward, right, forward.Cross(right)
}

// begin sets the frame up and paints floor and sky.
func (r *Renderer) begin(eye, right, down, forward body.Vec3, fovY float64, out *body.Image) {
	out.Width, out.Height = r.w, r.h
	if len(out.RGB) != 3*r.w*r.h {
		out.RGB = make([]byte, 3*r.w*r.h)
	}
	eye[2] = max(eye[2], nearM) // a fallen head does not look from under the floor
	r.rgb, r.z, r.eye = out.RGB, r.depth, eye
	r.focal = float32(float64(r.h) / 2 / math.Tan(fovY/2))
	r.toCam = mgl32.Mat3FromRows(narrow(right), narrow(down), narrow(forward))
	r.light = r.toCam.Mul3x1(lightDir)
	r.zenith = r.toCam.Col(2)
	r.background()
}

// robot draws the links' shapes at world poses pos, rot, but those of skip; tint replaces their colours.
func (r *Renderer) robot(pos []body.Vec3, rot []body.Quat, skip []bool, tint *[3]uint8) {
	for i := range r.m.Links {
		if skip != nil && skip[i] {
			continue
		}
		geoms := r.m.Links[i].Geoms
		if len(geoms) == 0 {
			continue
		}
		at, link := r.point(pos[i]), r.turn(rot[i].Mat())
		for g := range geoms {
			rgb := geoms[g].RGB
			if tint != nil {
				rgb = *tint
			}
			r.geom(&geoms[g], at, link, rgb)
		}
	}
}

func (r *Renderer) geom(g *body.Geom, at mgl32.Vec3, link mgl32.Mat3, rgb [3]uint8) {
	centre := at.Add(link.Mul3x1(narrow(g.PosM)))
	switch g.Shape {
	case body.Sphere:
		r.sphere(centre, float32(g.SizeM[0]), rgb)
	case body.Capsule:
		axis := link.Mul3x1(narrow(g.Rot.Rotate(body.Vec3{0, 0, g.SizeM[1]})))
		r.capsule(centre.Sub(axis), centre.Add(axis), float32(g.SizeM[0]), rgb)
	case body.Box:
		r.box(centre, link.Mul3(matrix(g.Rot.Mat())), narrow(g.SizeM), rgb)
	}
}

func (r *Renderer) objects(list []Sphere) {
	for i := range list {
		r.sphere(r.point(list[i].PosM), float32(list[i].RadiusM), list[i].RGB)
	}
}

// point returns a world point in the optical frame; the difference is taken in float64, so that a robot that has walked
// far looks the same.
func (r *Renderer) point(p body.Vec3) mgl32.Vec3 { return r.toCam.Mul3x1(narrow(p.Sub(r.eye))) }

func (r *Renderer) turn(m body.Mat3) mgl32.Mat3 { return r.toCam.Mul3(matrix(m)) }

func narrow(v body.Vec3) mgl32.Vec3 { return mgl32.Vec3{float32(v[0]), float32(v[1]), float32(v[2])} }

func matrix(m body.Mat3) mgl32.Mat3 {
	return mgl32.Mat3FromRows(narrow(body.Vec3(m[0:3])), narrow(body.Vec3(m[3:6])), narrow(body.Vec3(m[6:9])))
}
