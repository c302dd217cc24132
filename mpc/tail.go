package mpc

// tail judges where plans end. A plan that cannot be stopped there is not admitted while the older one can: the best candidate
// that can be stopped takes its place, at worst the older plan itself. After a push none can, and every lawful plan is welcome.
// It is a predictive safety filter (2310.05865) with the older plan as the backup.
type tail struct {
	judge func(y []float32) bool // of the features of a plan's last block; nil: all tails are as good
	ends  []float32              // the candidates' features there
}

// AdmitBy has plans judged by the features of their last block.
func (p *Planner) AdmitBy(stops func(y []float32) bool) {
	p.tail = tail{judge: stops, ends: make([]float32, len(p.y))}
}

// olderStops reports whether the older plan, first of the candidates around itself, can be stopped where it ends. The planner's
// features are still those of the rollout's last block.
func (t *tail) olderStops(p *Planner, fromSeed int) bool {
	if t.judge == nil || fromSeed >= p.o.Candidates { // no older one
		return false
	}
	f := p.world.FeatureDim()
	if !t.judge(p.y[fromSeed*f : (fromSeed+1)*f]) {
		return false
	}
	copy(t.ends, p.y) // for fallBack: what is rolled out next overwrites them
	return true
}

// stops rolls the plan to its end and asks the judge.
func (t *tail) stops(p *Planner) bool {
	p.world.Begin(1)
	for b := 0; b < p.o.Blocks; b++ {
		p.world.Step(p.plan[b*p.k : (b+1)*p.k])
	}
	y := p.y[:p.world.FeatureDim()]
	p.world.Features(y)
	return t.judge(y)
}

// fallBack puts the cheapest candidate that can be stopped into the plan.
func (t *tail) fallBack(p *Planner) bool {
	size, f := p.o.Blocks*p.k, p.world.FeatureDim()
	for _, c := range p.order {
		if t.judge(t.ends[c*f : (c+1)*f]) {
			copy(p.plan, p.cand[c*size:(c+1)*size])
			return true
		}
	}
	return false
}
