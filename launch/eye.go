package launch

import (
	"math"
	"math/rand/v2"

	"robotd/body"
	"robotd/sim"
	"robotd/sim/camera"
	"robotd/vision"
)

// redBall is the ball that is looked for. Its size is fixed, so that how large it looks says how far away it is.
var redBall = sim.Object{RadiusM: 0.08, RGB: [3]uint8{220, 40, 40}}

// otherBalls are the colours of what else drifts about.
var otherBalls = [][3]uint8{{40, 90, 220}, {40, 170, 70}, {240, 200, 40}, {150, 60, 190}}

// randomObjects makes one to three balls before the robot; the first is the red one. Their places are those of the middle of
// an episode, which they drift through.
func randomObjects(rng *rand.Rand) []sim.Object {
	list := make([]sim.Object, 1+rng.IntN(3))
	for i := range list {
		o := redBall
		if i > 0 {
			o.RadiusM, o.RGB = 0.05+0.06*rng.Float64(), otherBalls[rng.IntN(len(otherBalls))]
		}
		o.PosM = body.Vec3{0.5 + rng.Float64(), 1.4 * (rng.Float64() - 0.5), 0.25 + rng.Float64()}
		for k := range o.VelMS {
			o.VelMS[k] = 1.2 * (rng.Float64() - 0.5)
		}
		list[i] = o
	}
	return list
}

// ballNames are the coordinates of the red ball's centre in the camera's optical frame: the angle to the right of the
// optical axis, the angle below the plane of the axis and its right, the distance from the eye.
var ballNames = []string{"bearing_rad", "elevation_rad", "distance_m"}

// eye is the head camera of a simulated robot. While experience is gathered it only notes the links' poses: a picture is
// drawn from them later, each time with other balls, because what the encoder must learn is balls, and physics is dear.
type eye struct {
	links int
	seen  *sighting
}

// sighting holds the links' poses in the world of one episode, frames × links.
type sighting struct {
	pos []body.Vec3
	rot []body.Quat
}

func newEye(m *body.Model) *eye { return &eye{links: len(m.Links), seen: &sighting{}} }

// begin starts an episode.
func (e *eye) begin() { e.seen = &sighting{} }

// take hands the episode's poses over; of no eye there are none.
func (e *eye) take() *sighting {
	if e == nil {
		return nil
	}
	return e.seen
}

// record notes where the links are now.
func (e *eye) record(s *sim.Sim) {
	for i := 0; i < e.links; i++ {
		pos, rot := s.LinkPose(i)
		e.seen.pos, e.seen.rot = append(e.seen.pos, pos), append(e.seen.rot, rot)
	}
}

// painter draws head-camera pictures.
type painter struct {
	m     *body.Model
	ray   *camera.Renderer
	scene camera.Scene
	frame body.Image
}

func newPainter(m *body.Model) *painter {
	return &painter{m: m, ray: camera.New(m, vision.FrameSide, vision.FrameSide)}
}

// paint draws the links at pos, rot with the balls as they are afterS seconds after the middle of their episode. The image is
// the painter's own until the next one.
func (p *painter) paint(pos []body.Vec3, rot []body.Quat, balls []sim.Object, afterS float64) *body.Image {
	p.scene.Pos, p.scene.Rot, p.scene.Objects = pos, rot, p.scene.Objects[:0]
	for _, o := range balls {
		p.scene.Objects = append(p.scene.Objects, camera.Sphere{PosM: o.PosM.Add(o.VelMS.Scale(afterS)), RadiusM: o.RadiusM, RGB: o.RGB})
	}
	p.ray.Head(&p.scene, &p.frame)
	return &p.frame
}

// ball locates the first ball in the frame that was just painted. It is in view when its centre lies inside the picture
// and the pixel there shows it: not the robot's arm, not another ball. Only then does the picture say where it is.
func (p *painter) ball() (place [3]float32, inView bool) {
	c, img := &p.m.Camera, &p.frame
	head := p.scene.Rot[c.Link]
	from := p.scene.Pos[c.Link].Add(head.Rotate(c.PosM))
	at := head.Mul(c.Rot).Mat().MulVecT(p.scene.Objects[0].PosM.Sub(from))
	place = [3]float32{float32(math.Atan2(at[0], at[2])), float32(math.Atan2(at[1], math.Hypot(at[0], at[2]))), float32(at.Norm())}
	if at[2] <= p.scene.Objects[0].RadiusM {
		return place, false
	}
	focal := float64(img.Height) / 2 / math.Tan(c.FovYRad/2)
	x := int(math.Floor(float64(img.Width)/2 + focal*at[0]/at[2]))
	y := int(math.Floor(float64(img.Height)/2 + focal*at[1]/at[2]))
	if x < 0 || y < 0 || x >= img.Width || y >= img.Height {
		return place, false
	}
	return place, isRed(img.RGB[3*(y*img.Width+x):])
}

// isRed reports whether a pixel shows a Lambertian surface of redBall's colour, in whatever light: nothing else that is
// drawn has more than three times as much red as green and as blue.
func isRed(rgb []byte) bool { return int(rgb[0]) > 3*int(rgb[1]) && int(rgb[0]) > 3*int(rgb[2]) }
