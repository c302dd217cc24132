package faults

import "testing"

func TestCatalogue(t *testing.T) {
	for _, row := range Catalogue() {
		t.Run(row.ID+"_"+row.Name, func(t *testing.T) {
			t.Parallel()
			res, err := row.Run(1)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", res)
			if !res.Pass {
				t.Errorf("%s", res.Why)
			}
		})
	}
}
