// Package rate runs a loop at a fixed rate, a thousand times a second, in a process that does nothing else. A Loop waits for
// the slots of an absolute grid and keeps account of how late it woke; Setup makes the process fit for it; a Bell wakes a
// second thread without the Go scheduler; Steady keeps the scheduler's hands off; Counts says what disturbed the process.
//
// Such a process never allocates once its loop runs, so that its collector, which Setup switches off, has nothing to do. Its
// threads therefore sleep in raw system calls, which the Go scheduler does not see: nothing can take the thread's turn away,
// but nothing can stop the world either until the sleep is over. In a process that allocates, a raw sleep freezes everybody
// else for as long as collections wait for it; there use time.Ticker, and live with its milliseconds.
package rate
