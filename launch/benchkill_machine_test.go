package launch

import (
	"slices"
	"testing"
)

func TestLostMillisecondsOfAMachineAreRead(t *testing.T) {
	lost, err := readMachine([]byte(`{"thread":{"0":{"histogram":{"30":90,"999":8,"1000":1,"2500":1},"cycles":100,"max":2500},"1":{"histogram":{"40":99},"cycles":100,"max":123456}}}`))
	if err != nil || !slices.Equal(lost.Slots, []uint64{3, 100}) || !slices.Equal(lost.WorstU, []float64{2500, 123456}) {
		t.Errorf("%+v, %v", lost, err)
	}
	for _, bad := range []string{"", "{}", `{"thread":{"0":{"histogram":{"a":1},"cycles":1}}}`, `{"thread":{"0":{"histogram":{"1":9},"cycles":1}}}`} {
		if _, err := readMachine([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
