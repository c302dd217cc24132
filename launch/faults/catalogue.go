package faults

import "slices"

// Catalogue returns every row, in the order of its numbers.
func Catalogue() []Row {
	var rows []Row
	for _, s := range scenes() {
		rows = append(rows, s.row())
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		if a.ID < b.ID {
			return -1
		} else if a.ID > b.ID {
			return 1
		}
		return 0
	})
	return rows
}

// scenes are the rows that are played in the rig.
func scenes() []scene {
	return slices.Concat(sensorScenes(), mindScenes(), bodyScenes(), powerScenes(), stopScenes())
}
