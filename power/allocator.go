package power

import (
	"fmt"
	"math"

	"robotd/body"
)

// bisections of the multiplier: the slack left after them is below a milliwatt.
const bisections = 30

// Allocator solves, once a tick and exactly, min Σ w(τ−τd)² subject to Σ a τ² + max(τ·q̇, 0)/η ≤ budget and |τ| ≤ limit.
// Each joint's power is convex in its torque, so one multiplier λ of the budget decides all joints, and the power falls
// monotonically in λ. It holds the buffers of one worker.
type Allocator struct {
	n      int
	joints [body.MaxJoints]share
}

// share is one joint's side of the problem.
type share struct {
	copperWNm2 float64 // at the temperature set last
	coldWNm2   float64 // at 25 °C
	perSpeed   float64 // 1/η
	weight     float64
	slack      float64 // of the spare power that the joint's quota gets, sums to 1
}

// Allocation is what a solve decided beside the torques and quotas.
type Allocation struct {
	DemandW  float64 // power of the demanded torques
	GrantedW float64 // power of the granted ones, at most the budget
	Lambda   float64 // multiplier of the budget: 0 when the demand fits
}

// NewAllocator prepares for the model's motors with hotC as the copper's temperature until Warm says another. Weight says how dear a joint's
// torque is; WeightsByRole is the default when nil.
func NewAllocator(m *body.Model, hotC float64, weight []float64) (*Allocator, error) {
	n := m.NJoints()
	if n > body.MaxJoints {
		return nil, fmt.Errorf("power: %d joints, at most %d fit a frame", n, body.MaxJoints)
	}
	if weight == nil {
		weight = WeightsByRole(m)
	}
	a := &Allocator{n: n}
	total := 0.0
	for j := 0; j < n; j++ {
		motor := &m.Joints[j].Motor
		s := share{coldWNm2: motor.CopperWNm2, perSpeed: 1 / motor.Efficiency, weight: weight[j]}
		s.slack = math.Sqrt(weight[j]) * motor.TorqueNm * CopperW(motor, motor.TorqueNm, ReferenceC)
		if !(s.coldWNm2 > 0) || !(motor.Efficiency > 0 && motor.Efficiency <= 1) || !(s.weight > 0) || !(motor.TorqueNm > 0) || math.IsInf(s.slack, 0) {
			return nil, fmt.Errorf("power: joint %s: torque %g N m, copper heat %g W/(N m)², efficiency %g, weight %g: "+
				"give positive numbers and an efficiency of at most 1",
				m.Joints[j].Name, motor.TorqueNm, motor.CopperWNm2, motor.Efficiency, weight[j])
		}
		total += s.slack
		a.joints[j] = s
		a.Warm(j, hotC)
	}
	for j := range a.joints[:n] {
		a.joints[j].slack /= total
	}
	return a, nil
}

// Warm sets the temperature at which joint j's copper is counted.
func (a *Allocator) Warm(j int, tempC float64) {
	s := &a.joints[j]
	s.copperWNm2 = s.coldWNm2 * CopperFactor(tempC)
}

// WeightsByRole makes torque in legs and waist a hundred times dearer than in arms and neck, relative to each joint's
// peak: arms are shed before legs. A joint is of the legs or waist when it stands on the way from the base to a foot or to
// the chest.
func WeightsByRole(m *body.Model) []float64 {
	w := make([]float64, m.NJoints())
	for j := range w {
		peak := m.Joints[j].Motor.TorqueNm
		w[j] = 1 / (peak * peak)
	}
	for _, end := range []int{m.Feet[body.Left].Link, m.Feet[body.Right].Link, m.Chest} {
		for l := end; l > 0; l = m.Links[l].Parent {
			peak := m.Joints[l-1].Motor.TorqueNm
			w[l-1] = 100 / (peak * peak)
		}
	}
	return w
}

// Solve writes the granted torques and the drives' quotas. Demanded torques must lie within the joints' limits already:
// granting only shrinks them. All slices are as long as the model has joints. A demand or speed that is no number leaves
// every joint at zero.
func (a *Allocator) Solve(demandNm, speedRadS []float64, budgetW float64, grantedNm, quotaW []float64) Allocation {
	n := a.n
	demandNm, speedRadS, grantedNm, quotaW = demandNm[:n], speedRadS[:n], grantedNm[:n], quotaW[:n]
	out := Allocation{}
	for j := range a.joints[:n] {
		quotaW[j] = a.drawW(j, demandNm[j], speedRadS[j])
		out.DemandW += quotaW[j]
	}
	if out.DemandW <= budgetW {
		copy(grantedNm, demandNm)
		out.GrantedW = out.DemandW
		a.spread(budgetW-out.GrantedW, quotaW)
		return out
	}
	if !(out.DemandW <= math.MaxFloat64) || !(budgetW > 0) {
		clear(grantedNm)
		clear(quotaW)
		if budgetW > 0 {
			a.spread(budgetW, quotaW)
		}
		out.Lambda = math.Inf(1)
		return out
	}
	out.Lambda = a.multiplier(demandNm, speedRadS, budgetW)
	for j := range grantedNm {
		grantedNm[j] = a.torqueNm(j, demandNm[j], speedRadS[j], out.Lambda)
		quotaW[j] = a.drawW(j, grantedNm[j], speedRadS[j])
		out.GrantedW += quotaW[j]
	}
	a.spread(budgetW-out.GrantedW, quotaW)
	return out
}

// multiplier returns the smallest multiplier, to 30 bisections, whose torques fit the budget: the upper end of the
// bracket, so that the budget is never exceeded.
func (a *Allocator) multiplier(demandNm, speedRadS []float64, budgetW float64) float64 {
	low, high := 0.0, 1e-6
	for a.powerW(demandNm, speedRadS, high) > budgetW && high < 1e30 {
		low, high = high, high*4
	}
	for range bisections {
		mid := 0.5 * (low + high)
		if a.powerW(demandNm, speedRadS, mid) > budgetW {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// powerW returns the power at multiplier lambda.
func (a *Allocator) powerW(demandNm, speedRadS []float64, lambda float64) float64 {
	sum := 0.0
	for j := range demandNm {
		sum += a.drawW(j, a.torqueNm(j, demandNm[j], speedRadS[j], lambda), speedRadS[j])
	}
	return sum
}

// torqueNm minimises w(τ−τd)² + λ(a τ² + max(τ·q̇, 0)/η) over τ.
func (a *Allocator) torqueNm(j int, demandNm, speedRadS, lambda float64) float64 {
	s := &a.joints[j]
	denominator := 1 / (s.weight + lambda*s.copperWNm2)
	pull := s.weight * demandNm
	if pull*speedRadS <= 0 { // braking, or at rest: only copper counts
		return pull * denominator
	}
	shed := 0.5 * lambda * s.perSpeed * speedRadS
	if math.Abs(shed) >= math.Abs(pull) {
		return 0
	}
	return (pull - shed) * denominator
}

func (a *Allocator) drawW(j int, torqueNm, speedRadS float64) float64 {
	s := &a.joints[j]
	return s.copperWNm2*torqueNm*torqueNm + max(torqueNm*speedRadS, 0)*s.perSpeed
}

// spread hands the spare power to the quotas, so that a drive may answer a change within the tick.
func (a *Allocator) spread(spareW float64, quotaW []float64) {
	for j := range quotaW {
		quotaW[j] += spareW * a.joints[j].slack
	}
}
