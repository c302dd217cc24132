package robotfile

import (
	"slices"
	"strings"
	"unicode"

	"robotd/body"
)

// words splits a name into its lower-case words: at signs, at digits and at humps.
func words(name string) []string {
	var out []string
	var w []rune
	flush := func() {
		if len(w) > 0 {
			out = append(out, strings.ToLower(string(w)))
			w = nil
		}
	}
	rs := []rune(name)
	for i, c := range rs {
		if !unicode.IsLetter(c) {
			flush()
			continue
		}
		// A hump begins a word: aB, and the last capital of ABc.
		if i > 0 && unicode.IsUpper(c) && (unicode.IsLower(rs[i-1]) || (i+1 < len(rs) && unicode.IsLower(rs[i+1]))) {
			flush()
		}
		w = append(w, c)
	}
	flush()
	return out
}

// hint is a word in names and its worth; deep prefers the last link of that name along a limb, otherwise the first.
type hint struct {
	word  string
	worth int
	deep  bool
}

var (
	footHints  = []hint{{"sole", 6, false}, {"foot", 5, false}, {"ankle", 3, true}, {"leg", 2, true}}
	handHints  = []hint{{"palm", 6, false}, {"gripper", 5, false}, {"hand", 5, false}, {"wrist", 4, true}, {"forearm", 3, true}, {"arm", 2, true}}
	chestHints = []hint{{"torso", 6, true}, {"chest", 6, true}, {"trunk", 5, true}, {"waist", 3, true}, {"body", 1, true}}
	headHints  = []hint{{"head", 6, true}, {"neck", 3, true}}
)

// sideOf reads left or right from a name's words, -1 for neither; the side may be grown to the part: lleg, leftfoot.
func sideOf(ws []string) int {
	for _, w := range ws {
		switch w {
		case "l", "left", "fl":
			return body.Left
		case "r", "right", "fr":
			return body.Right
		}
		for _, parts := range [][]hint{footHints, handHints} {
			for _, h := range parts {
				if stem, ok := strings.CutSuffix(w, h.word); ok {
					switch stem {
					case "l", "left":
						return body.Left
					case "r", "right":
						return body.Right
					}
				}
			}
		}
	}
	return -1
}

// find returns the best frame for hints on a side (-1: any), nil when no name fits.
func (b *built) find(side int, hints []hint) *rawFrame {
	var best *rawFrame
	worth, bestDepth := 0, 0
	for i := range b.named {
		f := &b.named[i]
		ws := words(f.name)
		if side >= 0 && sideOf(ws) != side {
			continue
		}
		depth := b.depth(f.link)
		for _, h := range hints {
			if !slices.ContainsFunc(ws, func(w string) bool { return w == h.word || (side >= 0 && strings.HasSuffix(w, h.word)) }) {
				continue
			}
			better := h.worth > worth
			if h.worth == worth {
				better = (h.deep && depth > bestDepth) || (!h.deep && depth < bestDepth)
			}
			if better {
				best, worth, bestDepth = f, h.worth, depth
			}
			break
		}
	}
	return best
}

// depth counts the joints between the base and a link.
func (b *built) depth(link int) int {
	n := 0
	for ; link > 0; link = b.m.Links[link].Parent {
		n++
	}
	return n
}

// said returns the link that a file of ours gives a role.
func (b *built) said(role string) (int, bool) {
	name, ok := b.raw.roles[role]
	if !ok {
		return 0, false
	}
	return b.m.LinkIndex(name), b.m.LinkIndex(name) >= 0
}

// roles finds feet, hands, chest and head. It fails when there are no two legs.
func (b *built) roles() bool {
	m := b.m
	sides := [2]string{"left", "right"}
	for side := range m.Feet {
		m.Feet[side].Link = -1
		if l, ok := b.said(sides[side] + "_foot"); ok {
			m.Feet[side].Link = l
		} else if f := b.find(side, footHints); f != nil {
			m.Feet[side].Link = f.link
		}
	}
	if m.Feet[0].Link <= 0 || m.Feet[1].Link <= 0 || m.Feet[0].Link == m.Feet[1].Link {
		if !b.lowestLeaves() {
			b.errorf(b.raw.at, "name the feet's links left_foot and right_foot", "no feet: neither names nor places of the links show two legs")
			return false
		}
		b.notef(b.at[m.Feet[0].Link], "name the feet's links left_foot and right_foot", "feet found by place: %s and %s, the lowest ends",
			m.Links[m.Feet[0].Link].Name, m.Links[m.Feet[1].Link].Name)
	}
	if b.shared() {
		return false
	}
	b.upper(sides)
	return true
}

// upper finds chest, head and hands.
func (b *built) upper(sides [2]string) {
	m := b.m
	m.Chest = b.part("chest", -1, chestHints, 0)
	m.Head = b.part("head", -1, headHints, m.Chest)
	for side := range m.Hands {
		m.Hands[side] = b.part(sides[side]+"_hand", side, handHints, m.Chest)
	}
}

// part finds one role, or stands another link in.
func (b *built) part(role string, side int, hints []hint, instead int) int {
	if l, ok := b.said(role); ok {
		return l
	}
	if f := b.find(side, hints); f != nil {
		return f.link
	}
	b.warnf(b.raw.at, "name its link "+role, "no %s found: %s stands in for it", strings.ReplaceAll(role, "_", " "), b.m.Links[instead].Name)
	return instead
}

// shared refuses legs that have a joint in common: balance and contact take the legs for two limbs.
func (b *built) shared() bool {
	m := b.m
	above := map[int]bool{}
	for l := m.Feet[body.Left].Link; l > 0; l = m.Links[l].Parent {
		above[l] = true
	}
	for l := m.Feet[body.Right].Link; l > 0; l = m.Links[l].Parent {
		if above[l] {
			b.errorf(b.at[l], "let the base be the link that the legs hang from", "both legs hang from joint %s", m.Joints[l-1].Name)
			return true
		}
	}
	for side, f := range m.Feet {
		if n := b.depth(f.Link); n > maxLegJoints {
			b.errorf(b.at[f.Link], "name the feet's links left_foot and right_foot", "%d joints lead to foot %d, %d are the most", n, side, maxLegJoints)
			return true
		}
	}
	return false
}

// lowestLeaves takes the lowest end link on each side of the base for feet.
func (b *built) lowestLeaves() bool {
	m := b.m
	at := forward(m, make([]float64, m.NJoints()))
	leaf := make([]bool, len(m.Links))
	for i := range leaf {
		leaf[i] = true
	}
	for i := range m.Links {
		if p := m.Links[i].Parent; p >= 0 {
			leaf[p] = false
		}
	}
	best := [2]int{-1, -1}
	for i := 1; i < len(m.Links); i++ {
		side := body.Left
		if at[i].p[1] < 0 {
			side = body.Right
		}
		if leaf[i] && at[i].p[2] < 0 && (best[side] < 0 || at[i].p[2] < at[best[side]].p[2]) {
			best[side] = i
		}
	}
	m.Feet[0].Link, m.Feet[1].Link = best[0], best[1]
	return best[0] > 0 && best[1] > 0
}

// backward says that the left foot is on the right: the base looks along −x.
func (b *built) backward() bool {
	at := forward(b.m, make([]float64, b.m.NJoints()))
	return at[b.m.Feet[0].Link].p[1] < -1e-3 && at[b.m.Feet[1].Link].p[1] > 1e-3
}
