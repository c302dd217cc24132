package joints

import (
	"math"

	"robotd/body"
)

// Matcher finds the body's joints by name. It remembers the last list of names, so that a stream that keeps its order costs
// one comparison of names a message.
type Matcher struct {
	names   []string // in the body's order
	index   map[string]int
	last    [body.MaxJoints]string // the list of names that order belongs to
	order   [body.MaxJoints]int
	n       int // length of last and order; 0 before a list was accepted
	refusal Refusal
}

// NewMatcher returns a matcher for the body's joints.
func NewMatcher(m *body.Model) *Matcher {
	k := &Matcher{index: make(map[string]int, m.NJoints())}
	for j := range m.Joints {
		k.names = append(k.names, m.Joints[j].Name)
		k.index[m.Joints[j].Name] = j
	}
	return k
}

// Names returns the joints' names in the body's order. They are shared: read only.
func (k *Matcher) Names() []string { return k.names }

// Order returns the body's joint index of each name. Every joint must be named exactly once; the order is free. What it
// returns is shared and valid until the next call.
func (k *Matcher) Order(names []string) ([]int, error) {
	if k.isLast(names) {
		return k.order[:k.n], nil
	}
	k.n = 0
	var seen [body.MaxJoints]bool
	for i, name := range names {
		j, ok := k.index[name]
		if !ok {
			return nil, k.refuse(UnknownJoint, "name", name)
		}
		if seen[j] {
			return nil, k.refuse(DuplicateJoint, "name", name)
		}
		seen[j] = true
		k.order[i], k.last[i] = j, name // i is in range: i+1 different joints were named
	}
	for j, name := range k.names {
		if !seen[j] {
			return nil, k.refuse(MissingJoint, "name", name)
		}
	}
	k.n = len(names)
	return k.order[:k.n], nil
}

func (k *Matcher) isLast(names []string) bool {
	if len(names) != k.n || k.n == 0 {
		return false
	}
	for i, name := range names {
		if name != k.last[i] {
			return false
		}
	}
	return true
}

// Check tells whether values, given in the order of the last list of names, are one a joint and finite. field names them in
// the refusal.
func (k *Matcher) Check(field string, values []float64) error {
	if len(values) != k.n || k.n == 0 {
		err := k.refuse(WrongLength, field, "")
		k.refusal.Got, k.refusal.Want = len(values), len(k.names)
		return err
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return k.refuse(NotFinite, field, k.last[i])
		}
	}
	return nil
}

// Fill checks values and puts each at its joint's index in dst. After a refusal dst is as it was.
func (k *Matcher) Fill(dst *[body.MaxJoints]float64, field string, values []float64) error {
	if err := k.Check(field, values); err != nil {
		return err
	}
	k.scatter(dst, values)
	return nil
}

// scatter is Fill for values that were checked.
func (k *Matcher) scatter(dst *[body.MaxJoints]float64, values []float64) {
	for i, v := range values {
		dst[k.order[i]] = v
	}
}

// CheckVec tells whether a vector is finite.
func (k *Matcher) CheckVec(field string, v *body.Vec3) error {
	for _, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return k.refuse(NotFinite, field, "")
		}
	}
	return nil
}

func (k *Matcher) refuse(r Reason, field, joint string) error {
	k.refusal = Refusal{Reason: r, Field: field, Joint: joint}
	return &k.refusal
}
