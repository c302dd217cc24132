// Package faults is the catalogue of what may go wrong with a robot, as code: each row brings its fault about, in lockstep and by
// seed, and judges what the robot did about it.
package faults

import "robotd/body"

// Row is one fault of the catalogue.
type Row struct {
	ID   string // "F01"
	Name string // "imu_silent"
	Want Want
	Run  func(seed uint64) (Result, error) // an error is a rig that could not run, not a robot that failed
}

// Want is what the robot owes once the fault is there.
type Want struct {
	Rung     body.Rung // the best rung that it may stand on afterwards
	WithinMs float64   // from the fault to the first granted command of that rung
	Else     string    // what is owed besides or instead, in words: "refused and counted"
}

// Result is what one run of a row showed.
type Result struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Seed       uint64  `json:"seed"`
	Cause      string  `json:"cause"`       // as the gate named it, "" where the gate has nothing to do with it
	Rung       string  `json:"rung"`        // the worst one stood on
	ReactionMs float64 `json:"reaction_ms"` // from the fault to the first granted command that answers it
	Pass       bool    `json:"pass"`
	Why        string  `json:"why,omitempty"` // what was owed and not done
}
