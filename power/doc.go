// Package power is the arithmetic of watts: what a joint draws, what heat it leaves in the winding, how the battery sags,
// and how a budget is shared so that the bus never exceeds it.
//
// Two levels hold the 500 W. L1, the allocator, picks once a tick the torques nearest to those demanded whose electrical
// power fits the budget; it is exact. L0, the quotas, are what the drives enforce at every instant of the tick, whatever
// the speed does: their sum is the budget, so the guarantee does not rest on L1. No braking power is ever credited, and
// copper counts as hot.
//
// Every watt here is modelled unless a sensor gave it; Source says which.
package power

// Source says where a figure in watts comes from.
type Source string

// The sources.
const (
	FromModel  Source = "model"
	FromSensor Source = "sensor"
)

// Watts is a power with its origin.
type Watts struct {
	PowerW float64
	Source Source
}
