package rate

// Steady runs f on a thread whose turn the Go scheduler does not take meanwhile. It would every 20 ms, to let others run, by
// way of another thread and back: one tick in twenty then wakes 30 to 50 µs later (measured: p99 of 52 to 62 µs against 19 to
// 25 µs so, and 12 to 22 µs of cyclictest in the same minute). f must not wait for anything but a Loop, a System sleep or a
// Bell: at a channel or a lock that is taken the runtime ends the program.
func Steady(f func()) {
	procPin()
	defer procUnpin()
	f()
}
