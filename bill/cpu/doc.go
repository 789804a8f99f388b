// SPDX-License-Identifier: Apache-2.0

// Package cpu reports which requests take the CPU time of the process. It sums the time by route, and
// puts the time of a slow request on its completion line.
//
//	sampler := cpu.Start(cpu.WithSlowThreshold(time.Second))
//	defer sampler.Stop()
//
// It uses the CPU profiler of the runtime, one window of time after the other. The profiler takes 100
// samples per second of CPU time. A sample has the label of its request, which is the request's name,
// and so its route. No file is written, and nothing symbolized is kept.
//
// # Requests
//
// The time of a single request is known if its id is a label too, by the middleware's
// WithRequestIDLabel or Request.LabelID. The completion line of a slow request then has [MillisKey].
//
// # Other profiles
//
// A process can take only one CPU profile at a time. While another is taken, the sampler stands
// aside, and tries again with each window. While the sampler is at work, the runtime refuses to begin
// another profile; use [Sampler.Aside] for that.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package cpu
