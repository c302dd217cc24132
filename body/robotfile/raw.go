package robotfile

import (
	"robotd/body"
	"robotd/internal/rigid"
)

// rawRobot is what both formats say, before fixed joints are merged and roles are found.
type rawRobot struct {
	at       *node
	name     string
	links    []rawLink
	joints   []rawJoint
	sensors  []rawFrame // MJCF sites and cameras; in URDF sensors' frames are links
	fixed    bool       // the file bolts the base to the world
	meshes   int
	mesh     *node             // the first one
	replaced int               // shapes that robotd lacks
	other    *node             // the first one
	roles    map[string]string // role → link, from our own files
	camera   *body.Camera      // size and field of view, when the file says them
	own      bool              // written by Export: kinds of geoms are said, nothing is guessed
}

// rawLink is a link in its own frame.
type rawLink struct {
	at      *node
	name    string
	massKg  float64
	com     body.Vec3
	inert   rigid.Mat3 // about the centre of mass, link axes
	inertAt *node      // where the inertia stands
	geoms   []rawGeom
	bare    bool // made by the reader between two hinges of one MJCF body
}

// rawGeom is a primitive that bears looks, contact or both.
type rawGeom struct {
	body.Geom
	at      *node
	visible bool
	touches bool
	kind    body.Collide // from our own files
	known   bool         // kind is said
}

// rawJoint joins two links, by index.
type rawJoint struct {
	at            *node
	name          string
	parent, child int
	pose          pose
	fixed         bool
	floating      bool // the base of a URDF that says so
	axis          body.Vec3
	lower, upper  float64
	armature      float64
	armatureSaid  bool
	damping       float64
	friction      float64
	motor         body.Motor // zero where the file does not say
	kp, kd        float64
	knot          float64
	stand         float64
	standSaid     bool
}

// rawFrame is a named frame on a link.
type rawFrame struct {
	name   string
	kind   string       // site, camera, link
	camera *body.Camera // of a camera: size and field of view
	link   int
	pose   pose
}

// pose is a rotation, then a translation.
type pose struct {
	p body.Vec3
	q body.Quat
}

var noPose = pose{q: rigid.Identity}

// then returns the pose of a frame b given in the frame a, in a's parent.
func (a pose) then(b pose) pose {
	return pose{a.p.Add(a.q.Rotate(b.p)), a.q.Mul(b.q)}
}
