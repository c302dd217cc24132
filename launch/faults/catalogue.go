package faults

import (
	"slices"
	"strings"
)

// Catalogue returns every row, in the order of its numbers.
func Catalogue() []Row {
	var rows []Row
	for _, s := range scenes() {
		rows = append(rows, s.row())
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return strings.Compare(a.ID, b.ID) })
	return rows
}

// scenes are the rows that are played in the rig.
func scenes() []scene {
	return slices.Concat(sensorScenes(), mindScenes(), planScenes(), bodyScenes(), worldScenes(), powerScenes(), stopScenes())
}
