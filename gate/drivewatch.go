package gate

import "math"

const (
	obeyTicks  = 10   // of another torque, more than of the right one: the drive does not obey
	obeyShare  = 0.2  // of the torque that it was told
	obeyLeast  = 0.03 // of its peak
	obeyWindow = 4    // of the last commands, any of which it may answer
)

// driveWatch follows one drive: what it was told against what it reports.
type driveWatch struct {
	off    bool // taken off until the next power cycle
	other  int  // ticks of another torque, less those of the right one
	toldNm [obeyWindow]float64
	n      int
}

// told remembers the torques granted in this tick.
func (w *watch) told(grantedNm []float64) {
	for j, tau := range grantedNm {
		d := &w.drive[j]
		copy(d.toldNm[1:], d.toldNm[:])
		d.toldNm[0], d.n = tau, min(d.n+1, obeyWindow)
		if w.lost[j] > 0 { // it was told by an angle that is not known
			d.n = 0
		}
	}
}

// disobeys takes the torque that joint j's drive reports. It returns true when the drive has been taken off.
func (w *watch) disobeys(j int, tauNm float64, fresh bool) (off bool) {
	d := &w.drive[j]
	if d.off || !fresh || d.n < obeyWindow {
		return d.off
	}
	low, high := d.toldNm[0], d.toldNm[0]
	for _, tau := range d.toldNm[1:] {
		low, high = math.Min(low, tau), math.Max(high, tau)
	}
	slack := math.Max(obeyLeast*w.peakNm[j], obeyShare*math.Max(math.Abs(low), math.Abs(high)))
	if tauNm >= low-slack && tauNm <= high+slack {
		d.other = max(d.other-1, 0) // a torque that swings is right at times
	} else if d.other++; d.other >= obeyTicks {
		d.off = true
	}
	return d.off
}
