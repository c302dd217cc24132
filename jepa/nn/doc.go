// Package nn holds the layers, losses and optimiser that the JEPA networks are made of, on the float32
// kernels of internal/tensor: multi-layer perceptrons that train (Forward, Backward), unroll over time
// (one Cache a step), and answer the 1 kHz planner without allocating (Infer).
//
// A training step over shards of a batch, each shard its own goroutine with its own caches and Grads:
//
//	for each shard s {                                    // in parallel
//		y := net.Forward(x[s], rows, &cache[s])           // cache keeps what Backward needs
//		loss := nn.MSE(y, target[s], 1/shards, dy, nil)   // adds to dy
//		dx := net.Backward(dy, &cache[s], grads[s])       // uses the cache up
//	}
//	nn.Reduce(grads...)                                   // fixed order: same bytes at any number of threads
//	opt.LR = schedule.At(step)
//	opt.Step(net.Params())
//	net.Pack()                                            // weights -> kernel layout
//	for _, p := range net.Params() { p.ZeroGrad() }
//
// Buffers returned by Forward and Backward belong to the Cache. Shape mistakes are programmer's errors
// and panic with both shapes.
package nn
