// Package control turns what was decided into what the joints are told: the newest plan's knot while there is a plan, the
// reactive actor's knot, and the controllers of the lower rungs, which need no model of the world: holding the pose,
// analytic balance, a damped crouch, a protective fall.
package control
