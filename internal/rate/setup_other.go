//go:build !linux

package rate

func setupProcess(int) []string {
	return []string{"no real-time scheduling on this system: soft real time, ticks come as late as its timers are"}
}

func setupThread(SetupOptions) []string { return nil }
