package dash

import (
	"encoding/json"
	"fmt"

	"robotd/body"
)

// geomJSON is one shape, told once; the stream then moves its link only.
type geomJSON struct {
	Shape string     `json:"shape"`
	PosM  [3]float64 `json:"pos"`
	Rot   [4]float64 `json:"rot"`
	SizeM [3]float64 `json:"size"`
	RGB   [3]int     `json:"rgb"` // not bytes: those would be written as base64
}

type linkJSON struct {
	Name   string     `json:"name"`
	Parent int        `json:"parent"`
	Geoms  []geomJSON `json:"geoms"`
}

type footJSON struct {
	Link  int        `json:"link"`
	SoleM [3]float64 `json:"sole"`
}

var shapeNames = map[body.Shape]string{body.Sphere: "sphere", body.Capsule: "capsule", body.Box: "box"}

// modelJSON writes what stays the same while the robot runs.
func modelJSON(m *body.Model, maxPushNs float64) ([]byte, error) {
	out := struct {
		Name      string      `json:"name"`
		Joints    int         `json:"joints"`
		MassKg    float64     `json:"mass_kg"`
		MaxPushNs float64     `json:"max_push_ns"`
		Chest     int         `json:"chest"`
		Feet      [2]footJSON `json:"feet"`
		Rungs     []string    `json:"rungs"`
		Links     []linkJSON  `json:"links"`
	}{Name: m.Name, Joints: m.NJoints(), MassKg: m.MassKg(), MaxPushNs: maxPushNs, Chest: m.Chest}
	for side, f := range m.Feet {
		out.Feet[side] = footJSON{f.Link, f.SoleM}
	}
	for r := body.Rung(0); int(r) < body.NRungs; r++ {
		out.Rungs = append(out.Rungs, r.String())
	}
	for i := range m.Links {
		l := linkJSON{Name: m.Links[i].Name, Parent: m.Links[i].Parent, Geoms: []geomJSON{}}
		for _, g := range m.Links[i].Geoms {
			name, ok := shapeNames[g.Shape]
			if !ok {
				return nil, fmt.Errorf("link %s: shape %d is none that the page can draw", l.Name, g.Shape)
			}
			if g.Collide == body.Sole {
				continue // contact spheres lie inside the foot that is seen
			}
			l.Geoms = append(l.Geoms, geomJSON{name, g.PosM, g.Rot, g.SizeM, [3]int{int(g.RGB[0]), int(g.RGB[1]), int(g.RGB[2])}})
		}
		out.Links = append(out.Links, l)
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w: a size or pose is not finite", m.Name, err)
	}
	return data, nil
}
