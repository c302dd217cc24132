package sim

import (
	"math"

	"robotd/dynamics"
)

// solverBuffers are the Newton solver's vectors.
type solverBuffers struct {
	a, md, grad, dir, mdir [maxV]float64
}

const maxNewton = 50

// solve finds the acceleration that minimises ½(a−a0)ᵀM(a−a0) + Σ ½ D min(J a − aref, 0)² by Newton's method with exact
// line search, and leaves it in st.acc and the constraint force in cons. mass holds M unfactored.
func (s *Sim) solve() {
	nv := s.nv
	b, anc := &s.buf, s.ancestors()
	b.a = s.st.acc // warm start, unless the free motion is better
	if s.cost(&s.free) < s.cost(&b.a) {
		b.a = s.free
	}
	s.residuals(&b.a)
	tol := 1e-10 * s.meanInertia() * float64(nv)
	for it := 0; it < maxNewton; it++ {
		s.massTimes(&b.a, &b.md)
		s.gradient()
		norm := 0.0
		for _, g := range b.grad[:nv] {
			norm += g * g
		}
		if math.Sqrt(norm) < tol {
			break
		}
		s.hessian()
		for i := 0; i < nv; i++ {
			b.dir[i] = -b.grad[i]
		}
		dynamics.Factor(s.imp, nv, anc)
		dynamics.Solve(s.imp, nv, anc, b.dir[:nv])
		alpha := s.lineSearch()
		if alpha == 0 {
			break
		}
		for i := 0; i < nv; i++ {
			b.a[i] += alpha * b.dir[i]
		}
		s.advance(alpha)
	}
	s.st.acc = b.a
	s.forces()
}

// ancestors returns the dof tree of this step's Hessian.
func (s *Sim) ancestors() [][]int32 {
	if s.rows.legs {
		return s.geom.crossed
	}
	return s.tree()
}

func (s *Sim) tree() [][]int32 { return s.dm.Tree() }

func (s *Sim) meanInertia() float64 {
	sum := 0.0
	for i := 0; i < s.nv; i++ {
		sum += s.k.M[i*s.nv+i]
	}
	return sum / float64(s.nv)
}

// massTimes writes M (a − a0).
func (s *Sim) massTimes(a, out *[maxV]float64) {
	var d [maxV]float64
	for i := 0; i < s.nv; i++ {
		d[i] = a[i] - s.free[i]
	}
	dynamics.MulSym(s.k.M, s.nv, s.tree(), d[:s.nv], out[:s.nv])
}

// cost evaluates the objective at a.
func (s *Sim) cost(a *[maxV]float64) float64 {
	var md [maxV]float64
	s.massTimes(a, &md)
	sum := 0.0
	for i := 0; i < s.nv; i++ {
		sum += 0.5 * md[i] * (a[i] - s.free[i])
	}
	s.residuals(a)
	c := &s.rows
	for i := 0; i < c.nContacts; i++ {
		ct := &c.contacts[i]
		for _, x := range ct.x {
			if x < 0 {
				sum += 0.5 * ct.d * x * x
			}
		}
	}
	for i := 0; i < c.nLimits; i++ {
		if l := &c.limits[i]; l.x < 0 {
			sum += 0.5 * l.d * l.x * l.x
		}
	}
	return sum
}

// residuals fills x = J a − aref.
func (s *Sim) residuals(a *[maxV]float64) {
	c := &s.rows
	for i := 0; i < c.nContacts; i++ {
		ct := &c.contacts[i]
		x := pyramid([3]float64{ct.along(0, a), ct.along(1, a), ct.along(2, a)}, ct.mu)
		for r := range x {
			ct.x[r] = x[r] - ct.aref[r]
		}
	}
	for i := 0; i < c.nLimits; i++ {
		l := &c.limits[i]
		l.x = l.sign*a[l.dof] - l.aref
	}
}

// force returns the contact's force along its frame: normal and two tangents.
func (ct *contact) force() (f [3]float64) {
	var r [4]float64
	for i, x := range ct.x {
		if x < 0 {
			r[i] = -ct.d * x
		}
	}
	return [3]float64{r[0] + r[1] + r[2] + r[3], ct.mu * (r[0] - r[1]), ct.mu * (r[2] - r[3])}
}

// gradient writes M(a−a0) − Jᵀf.
func (s *Sim) gradient() {
	s.applyForces(&s.buf.grad)
	for i := 0; i < s.nv; i++ {
		s.buf.grad[i] = s.buf.md[i] - s.buf.grad[i]
	}
}

// applyForces writes Jᵀ f.
func (s *Sim) applyForces(out *[maxV]float64) {
	*out = [maxV]float64{}
	c := &s.rows
	for i := 0; i < c.nContacts; i++ {
		ct := &c.contacts[i]
		f := ct.force()
		for k := 0; k < ct.n; k++ {
			out[ct.dof[k]] += f[0]*ct.jac[0][k] + f[1]*ct.jac[1][k] + f[2]*ct.jac[2][k]
		}
	}
	for i := 0; i < c.nLimits; i++ {
		if l := &c.limits[i]; l.x < 0 {
			out[l.dof] -= l.sign * l.d * l.x
		}
	}
}

// hessian writes M + Σ active D JᵀJ into imp, lower triangle along the tree.
func (s *Sim) hessian() {
	copy(s.imp, s.k.M)
	c := &s.rows
	for i := 0; i < c.nContacts; i++ {
		s.addContact(&c.contacts[i])
	}
	for i := 0; i < c.nLimits; i++ {
		if l := &c.limits[i]; l.x < 0 {
			s.imp[l.dof*s.nv+l.dof] += l.d
		}
	}
}

// addContact adds Pᵀ C P of one contact, P its frame's Jacobian and C the sum of the active rows' squares.
func (s *Sim) addContact(ct *contact) {
	var on [4]float64
	for r, x := range ct.x {
		if x < 0 {
			on[r] = ct.d
		}
	}
	mu := ct.mu
	c00 := on[0] + on[1] + on[2] + on[3]
	if c00 == 0 {
		return
	}
	c01, c02 := mu*(on[0]-on[1]), mu*(on[2]-on[3])
	c11, c22 := mu*mu*(on[0]+on[1]), mu*mu*(on[2]+on[3])
	for p := 0; p < ct.n; p++ {
		j0, j1, j2 := ct.jac[0][p], ct.jac[1][p], ct.jac[2][p]
		w0 := c00*j0 + c01*j1 + c02*j2
		w1 := c01*j0 + c11*j1
		w2 := c02*j0 + c22*j2
		row := s.imp[int(ct.dof[p])*s.nv:]
		for q := p; q < ct.n; q++ { // dofs come in falling order along each chain
			row[ct.dof[q]] += w0*ct.jac[0][q] + w1*ct.jac[1][q] + w2*ct.jac[2][q]
		}
	}
}

// lineSearch minimises the objective along dir: its derivative is piecewise linear and rising, so Newton's method with a
// bracket ends in few steps.
func (s *Sim) lineSearch() float64 {
	b, c, nv := &s.buf, &s.rows, s.nv
	dynamics.MulSym(s.k.M, nv, s.tree(), b.dir[:nv], b.mdir[:nv])
	g0, q := 0.0, 0.0
	for i := 0; i < nv; i++ {
		g0 += b.dir[i] * b.md[i]
		q += b.dir[i] * b.mdir[i]
	}
	for i := 0; i < c.nContacts; i++ {
		ct := &c.contacts[i]
		ct.jd = pyramid([3]float64{ct.along(0, &b.dir), ct.along(1, &b.dir), ct.along(2, &b.dir)}, ct.mu)
	}
	for i := 0; i < c.nLimits; i++ {
		l := &c.limits[i]
		l.jd = l.sign * b.dir[l.dof]
	}
	start, _ := s.slope(0, g0, q)
	if start >= 0 {
		return 0
	}
	lo, hi, alpha := 0.0, math.Inf(1), 1.0
	for it := 0; it < 30; it++ {
		d1, d2 := s.slope(alpha, g0, q)
		if math.Abs(d1) <= 1e-12*math.Abs(start) {
			break
		}
		if d1 < 0 {
			lo = alpha
		} else {
			hi = alpha
		}
		next := alpha - d1/d2
		if next <= lo || next >= hi {
			if math.IsInf(hi, 1) {
				next = 2 * alpha
			} else {
				next = 0.5 * (lo + hi)
			}
		}
		if next == alpha {
			break
		}
		alpha = next
	}
	return alpha
}

// slope returns the objective's first and second derivative along dir at alpha.
func (s *Sim) slope(alpha, g0, q float64) (d1, d2 float64) {
	d1, d2 = g0+alpha*q, q
	c := &s.rows
	for i := 0; i < c.nContacts; i++ {
		ct := &c.contacts[i]
		for r := range ct.x {
			if x := ct.x[r] + alpha*ct.jd[r]; x < 0 {
				d1 += ct.d * x * ct.jd[r]
				d2 += ct.d * ct.jd[r] * ct.jd[r]
			}
		}
	}
	for i := 0; i < c.nLimits; i++ {
		l := &c.limits[i]
		if x := l.x + alpha*l.jd; x < 0 {
			d1 += l.d * x * l.jd
			d2 += l.d * l.jd * l.jd
		}
	}
	return d1, d2
}

// advance moves the residuals by alpha along dir.
func (s *Sim) advance(alpha float64) {
	c := &s.rows
	for i := 0; i < c.nContacts; i++ {
		ct := &c.contacts[i]
		for r := range ct.x {
			ct.x[r] += alpha * ct.jd[r]
		}
	}
	for i := 0; i < c.nLimits; i++ {
		c.limits[i].x += alpha * c.limits[i].jd
	}
}

// forces leaves Jᵀf in cons and adds the soles' wrenches to the tick's mean.
func (s *Sim) forces() {
	s.applyForces(&s.cons)
	share := 1 / float64(s.o.Substeps)
	c := &s.rows
	for i := 0; i < c.nContacts; i++ {
		ct := &c.contacts[i]
		if ct.side < 0 {
			continue
		}
		f := ct.force()
		world := ct.frame[0].Scale(f[0]).Add(ct.frame[1].Scale(f[1])).Add(ct.frame[2].Scale(f[2]))
		foot := &s.m.Feet[ct.side]
		arm := ct.pos.Sub(s.k.Point(foot.Link, foot.SoleM))
		r := &s.k.Rot[foot.Link]
		w := &s.st.foot[ct.side]
		w.ForceN = w.ForceN.Add(r.MulVecT(world).Scale(share))
		w.MomentNm = w.MomentNm.Add(r.MulVecT(arm.Cross(world)).Scale(share))
	}
}
