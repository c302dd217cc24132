package launch

// bodyClock tells when, by this computer's clock, the body took a sample that it stamped by its own. The quickest messages tell how
// the clocks differ; what came later than they would have was late on its way. So stamps keep the body's even steps, and their age
// is honest.
type bodyClock struct {
	begun    bool
	offsetNs int64 // ours minus the body's
	lastNs   int64 // newest stamp by our clock
	stampNs  int64 // and by the body's
}

// driftPPM is how fast the difference is allowed to grow: clocks drift by less than a tenth of it, and a way that became longer for
// good is believed after some seconds.
const driftPPM = 1000

// at returns the time of a sample stamped stampNs that arrived at nowNs: never later than that, and later than the sample before.
func (c *bodyClock) at(stampNs, nowNs int64) int64 {
	offset := nowNs - stampNs
	if c.begun {
		offset = min(offset, c.offsetNs+max(stampNs-c.stampNs, 0)*driftPPM/1_000_000)
	}
	c.offsetNs, c.stampNs = offset, stampNs
	at := stampNs + offset
	if c.begun {
		at = max(at, c.lastNs+1)
	}
	c.begun, c.lastNs = true, at
	return at
}
