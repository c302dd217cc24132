package camera

import (
	"bytes"
	"image/gif"
	"math"
	"testing"

	"robotd/body"
	"robotd/internal/rigid"
)

// standing returns the world poses of the links in the standing pose, the base at the origin of x and y.
func standing(m *body.Model) *Scene {
	s := &Scene{Pos: make([]body.Vec3, len(m.Links)), Rot: make([]body.Quat, len(m.Links))}
	s.Pos[0], s.Rot[0] = body.Vec3{0, 0, m.StandHeightM}, rigid.Identity
	for j := range m.Joints {
		jt := &m.Joints[j]
		s.Pos[j+1] = s.Pos[jt.Parent].Add(s.Rot[jt.Parent].Rotate(jt.OriginM))
		s.Rot[j+1] = s.Rot[jt.Parent].Mul(jt.Rot).Mul(rigid.AxisAngle(jt.Axis, m.StandRad[j]))
	}
	return s
}

// bare is a robot without shapes: the camera sees objects only.
func bare() *body.Model {
	m := body.Humanoid()
	for i := range m.Links {
		m.Links[i].Geoms = nil
	}
	return m
}

func pixel(img *body.Image, x, y int) [3]uint8 {
	return [3]uint8(img.RGB[3*(y*img.Width+x):])
}

var red = [3]uint8{255, 0, 0}

func isRed(p [3]uint8) bool { return p[0] > 60 && p[1] == 0 && p[2] == 0 }

func TestSphereIsADiscOfRightCentreAndRadius(t *testing.T) {
	const n, fov, dist, radius = 200, 0.8, 4.0, 0.3
	r := New(bare(), n, n)
	var img body.Image
	// Eye at height 2 looking along +x; the ball 0.5 m to the left (y) and 0.4 m up.
	scene := standing(bare())
	scene.Objects = []Sphere{{body.Vec3{dist, 0.5, 2.4}, radius, red}}
	r.View(scene, body.Vec3{0, 0, 2}, body.Vec3{1, 0, 2}, fov, &img)
	var area, sx, sy float64
	for y := 0; y < n; y++ {
		for x := 0; x < n; x++ {
			if isRed(pixel(&img, x, y)) {
				area++
				sx += float64(x) + 0.5
				sy += float64(y) + 0.5
			}
		}
	}
	f := n / 2 / math.Tan(fov/2)
	// A sphere's image is an ellipse whose axis lies midway between the tangent slopes.
	den := dist*dist - radius*radius
	wantX, wantY := n/2-f*0.5*dist/den, n/2-f*0.4*dist/den
	if math.Abs(sx/area-wantX) > 0.3 || math.Abs(sy/area-wantY) > 0.3 {
		t.Errorf("centre %.2f, %.2f: want %.2f, %.2f", sx/area, sy/area, wantX, wantY)
	}
	c2 := dist*dist + 0.5*0.5 + 0.4*0.4
	minor := f * radius / math.Sqrt(den)
	major := minor * math.Sqrt((c2-radius*radius)/den)
	if want := math.Pi * minor * major; math.Abs(area-want) > 0.02*want {
		t.Errorf("area %.0f pixels, want %.0f", area, want)
	}
}

func TestNearHidesFarWhateverTheOrder(t *testing.T) {
	r := New(bare(), 64, 64)
	near := Sphere{body.Vec3{2, 0, 2}, 0.3, red}
	far := Sphere{body.Vec3{4, 0, 2}, 1, [3]uint8{0, 255, 0}}
	scene := standing(bare())
	var a, b body.Image
	scene.Objects = []Sphere{near, far}
	r.View(scene, body.Vec3{0, 0, 2}, body.Vec3{1, 0, 2}, 1, &a)
	scene.Objects = []Sphere{far, near}
	r.View(scene, body.Vec3{0, 0, 2}, body.Vec3{1, 0, 2}, 1, &b)
	if !isRed(pixel(&a, 32, 32)) {
		t.Errorf("middle is %v, want the near red ball", pixel(&a, 32, 32))
	}
	if p := pixel(&a, 32+13, 32); p[1] < 60 || p[0] != 0 {
		t.Errorf("beside it %v, want the far green ball", p)
	}
	if !bytes.Equal(a.RGB, b.RGB) {
		t.Error("the order of drawing changes the image")
	}
}

// TestShapesAgreeWithASignedDistance marches rays through the signed distance of each primitive, which shares nothing
// with the renderer's equations, and compares which pixels are covered and at what depth.
func TestShapesAgreeWithASignedDistance(t *testing.T) {
	const n, fov = 72, 1.0
	rot := rigid.Exp(body.Vec3{0.5, -0.8, 1.1})
	geoms := []body.Geom{
		{Shape: body.Sphere, PosM: body.Vec3{0.1, 0, 0}, Rot: rot, SizeM: body.Vec3{0.5}, RGB: red},
		{Shape: body.Capsule, PosM: body.Vec3{0, 0.1, 0}, Rot: rot, SizeM: body.Vec3{0.25, 0.6}, RGB: red},
		{Shape: body.Box, PosM: body.Vec3{0, 0, 0.1}, Rot: rot, SizeM: body.Vec3{0.3, 0.5, 0.7}, RGB: red},
	}
	eyes := []body.Vec3{{-3, 0.4, 3.5}, {-0.9, 0.3, 2.9}, {0.2, 2.4, 4.5}}
	for _, g := range geoms {
		m := bare()
		m.Links[0].Geoms = []body.Geom{g}
		scene := standing(m)
		scene.Pos[0] = body.Vec3{0, 0, 3}
		r := New(m, n, n)
		for _, eye := range eyes {
			var img body.Image
			r.View(scene, eye, scene.Pos[0], fov, &img)
			forward, right, down := lookAt(eye, scene.Pos[0])
			f := n / 2 / math.Tan(fov/2)
			wrong := 0
			for i := 0; i < n*n; i++ {
				px, py := (float64(i%n)+0.5-n/2)/f, (float64(i/n)+0.5-n/2)/f
				dir := forward.Add(right.Scale(px)).Add(down.Scale(py))
				depth, hit := march(&g, eye.Sub(scene.Pos[0]), dir)
				if seen := isRed([3]uint8(img.RGB[3*i:])); seen != hit || hit && math.Abs(depth-float64(r.depth[i])) > 2e-3 {
					wrong++
				}
			}
			if wrong > n/6 { // silhouettes touched within the march's tolerance
				t.Errorf("shape %d from %v: %d of %d pixels differ", g.Shape, eye, wrong, n*n)
			}
		}
	}
}

// march walks from eye (link frame) along dir until the primitive's surface.
func march(g *body.Geom, eye, dir body.Vec3) (depth float64, hit bool) {
	length := dir.Norm()
	for step := 0; step < 600; step++ {
		d := distance(g, eye.Add(dir.Scale(depth)))
		if d < 2e-5 {
			return depth, true
		}
		depth += d / length
		if depth > 20 {
			return 0, false
		}
	}
	return depth, false
}

func distance(g *body.Geom, p body.Vec3) float64 {
	p = g.Rot.Conj().Rotate(p.Sub(g.PosM))
	switch g.Shape {
	case body.Sphere:
		return p.Norm() - g.SizeM[0]
	case body.Capsule:
		p[2] -= min(max(p[2], -g.SizeM[1]), g.SizeM[1])
		return p.Norm() - g.SizeM[0]
	}
	var q body.Vec3
	inside := math.Inf(-1)
	for k := range q {
		d := math.Abs(p[k]) - g.SizeM[k]
		q[k], inside = max(d, 0), max(inside, d)
	}
	return q.Norm() + min(inside, 0)
}

func TestHeadSeesAcrossItsOwnFrameAndNotItself(t *testing.T) {
	m := body.Humanoid()
	scene := standing(m)
	cam := &m.Camera
	eye := scene.Pos[cam.Link].Add(scene.Rot[cam.Link].Rotate(cam.PosM))
	axes := scene.Rot[cam.Link].Mul(cam.Rot)
	// A small ball to the upper right of the optical frame.
	at := eye.Add(axes.Rotate(body.Vec3{0.5, -0.4, 2}))
	scene.Objects = []Sphere{{at, 0.1, red}}
	r := New(m, 64, 64)
	var img body.Image
	r.Head(scene, &img)
	f := 32 / math.Tan(cam.FovYRad/2)
	x, y := int(32+f*0.25), int(32-f*0.2)
	if !isRed(pixel(&img, x, y)) {
		t.Errorf("pixel %d, %d is %v, want the red ball", x, y, pixel(&img, x, y))
	}
	for i := range m.Links[m.Head].Geoms {
		m.Links[m.Head].Geoms[i].RGB = red
	}
	scene.Objects = nil
	r.Head(scene, &img)
	for i := 0; i < 64*64; i++ {
		if isRed([3]uint8(img.RGB[3*i:])) {
			t.Fatal("the camera sees the inside of its own head")
		}
	}
}

func TestFloorIsChequeredAndSkyAbove(t *testing.T) {
	r := New(bare(), 128, 128)
	var img body.Image
	scene := standing(bare())
	r.View(scene, body.Vec3{0.25, 0.25, 3}, body.Vec3{0.25, 0.25, 0}, 1, &img)
	f := 64 / math.Tan(0.5)
	square := squareM * f / 3
	a, b := pixel(&img, 64, 64), pixel(&img, 64+int(square), 64)
	c := pixel(&img, 64+int(square), 64+int(square))
	if int(a[0])-int(b[0]) < 30 && int(b[0])-int(a[0]) < 30 || max(a[0], c[0])-min(a[0], c[0]) > 8 {
		t.Errorf("squares %v, %v, %v: want them to alternate", a, b, c)
	}
	// Far from the origin, and on the other side of it, the floor looks the same.
	var far body.Image
	r.View(scene, body.Vec3{-999.75, 4000.25, 3}, body.Vec3{-999.75, 4000.25, 0}, 1, &far)
	diff := 0
	for i := range far.RGB {
		if d := int(far.RGB[i]) - int(img.RGB[i]); d > 2 || d < -2 {
			diff++
		}
	}
	if diff > len(far.RGB)/100 {
		t.Errorf("%d of %d bytes differ far from the origin", diff, len(far.RGB))
	}
	r.View(scene, body.Vec3{0, 0, 3}, body.Vec3{1, 0, 3}, 1, &img)
	top, horizon := pixel(&img, 64, 0), pixel(&img, 64, 62)
	if top[2] <= top[0]+30 || horizon[0] < top[0]+30 {
		t.Errorf("sky %v above the horizon %v: want blue above pale", top, horizon)
	}
}

func TestGhostIsTranslucentAndOnlyWhenAsked(t *testing.T) {
	m := body.Humanoid()
	scene := standing(m)
	scene.GhostPos, scene.GhostRot = append([]body.Vec3(nil), scene.Pos...), scene.Rot
	for i := range scene.GhostPos {
		scene.GhostPos[i][1] += 0.8
	}
	r := New(m, 160, 120)
	var without, with body.Image
	eye, target := body.Vec3{3, 0.4, 1.2}, body.Vec3{0, 0.4, 0.7}
	r.View(scene, eye, target, 0.8, &without)
	scene.Ghost = true
	r.View(scene, eye, target, 0.8, &with)
	changed := 0
	for i := 0; i < len(with.RGB); i += 3 {
		if !bytes.Equal(with.RGB[i:i+3], without.RGB[i:i+3]) {
			changed++
			if x := i / 3 % 160; x < 80 {
				t.Fatalf("pixel %d changed: the ghost stands on the right", i/3)
			}
		}
	}
	if changed < 300 {
		t.Errorf("%d pixels show the ghost", changed)
	}
}

func TestSameSceneSameBytesWithoutAllocation(t *testing.T) {
	m := body.Humanoid()
	scene := standing(m)
	scene.Objects = []Sphere{{body.Vec3{1, 0.2, 0.8}, 0.1, red}, {body.Vec3{0.1, 0, 1.2}, 0.2, red}}
	a, b := New(m, 64, 64), New(m, 64, 64)
	var x, y body.Image
	a.Head(scene, &x)
	b.View(scene, body.Vec3{2, 2, 1}, body.Vec3{}, 1, &y)
	b.Head(scene, &y)
	if !bytes.Equal(x.RGB, y.RGB) {
		t.Error("an earlier frame shows through")
	}
	if n := testing.AllocsPerRun(20, func() { a.Head(scene, &x) }); n != 0 {
		t.Errorf("%g allocations a head frame", n)
	}
	scene.Ghost, scene.GhostPos, scene.GhostRot = true, scene.Pos, scene.Rot
	if n := testing.AllocsPerRun(20, func() { a.View(scene, body.Vec3{2, 2, 1}, body.Vec3{}, 1, &x) }); n != 0 {
		t.Errorf("%g allocations a view", n)
	}
}

func TestGIFPlaysBack(t *testing.T) {
	m := body.Humanoid()
	scene := standing(m)
	r := New(m, 160, 120)
	var buf bytes.Buffer
	g, err := NewGIF(&buf, 25)
	if err != nil {
		t.Fatal(err)
	}
	var img body.Image
	for i := 0; i < 5; i++ {
		scene.Objects = []Sphere{{body.Vec3{0.5, 0.1 * float64(i), 0.5}, 0.1, red}}
		r.View(scene, body.Vec3{3, 1, 1}, body.Vec3{0, 0, 0.7}, 0.8, &img)
		if err := g.Add(&img); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Add(&body.Image{Width: 2, Height: 2, RGB: make([]byte, 12)}); err == nil {
		t.Error("a frame of another size was taken")
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	back, err := gif.DecodeAll(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Image) != 5 || back.Delay[0] != 4 || back.Config.Width != 160 {
		t.Errorf("%d frames, delay %d, width %d", len(back.Image), back.Delay[0], back.Config.Width)
	}
	if b := back.Image[3].Bounds(); b.Dx() > 80 {
		t.Errorf("frame 3 keeps %v although only the ball moved", b)
	}
	// The colours are close to what was drawn.
	last := back.Image[4]
	b := last.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			cr, cg, cb, _ := last.At(x, y).RGBA()
			p := pixel(&img, x, y)
			if d := math.Abs(float64(cr>>8)-float64(p[0])) + math.Abs(float64(cg>>8)-float64(p[1])) + math.Abs(float64(cb>>8)-float64(p[2])); d > 75 {
				t.Fatalf("pixel %d, %d: %v became %d %d %d", x, y, p, cr>>8, cg>>8, cb>>8)
			}
		}
	}
}

func TestGIFRefusesWhatItCannotShow(t *testing.T) {
	if _, err := NewGIF(&bytes.Buffer{}, 0); err == nil {
		t.Error("0 frames a second taken")
	}
	g, _ := NewGIF(&bytes.Buffer{}, 10)
	if err := g.Add(&body.Image{Width: 3, Height: 1, RGB: make([]byte, 8)}); err == nil {
		t.Error("short image taken")
	}
	if err := g.Close(); err == nil {
		t.Error("empty animation written")
	}
}

func BenchmarkHead64(b *testing.B) {
	m := body.Humanoid()
	scene := standing(m)
	scene.Objects = []Sphere{{body.Vec3{1, 0.2, 0.8}, 0.1, red}, {body.Vec3{1.5, -0.3, 0.5}, 0.15, red}}
	r := New(m, 64, 64)
	var img body.Image
	for b.Loop() {
		r.Head(scene, &img)
	}
}
