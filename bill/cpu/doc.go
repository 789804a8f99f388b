// SPDX-License-Identifier: Apache-2.0

// Package cpu says which requests take the CPU time of the process: by route, and on the
// completion line of a slow request its own.
//
//	sampler := cpu.Start(cpu.WithSlowThreshold(time.Second))
//	defer sampler.Stop()
//
// It is the CPU profiler of the runtime, which looks 100 times in a second of CPU time at what
// runs, one window of time after the other. What it sees has the label of the request: its name, and
// so its route. No file is written, and nothing symbolized is kept.
//
// # Requests
//
// What a single request has taken is known where its id is a label too: by
// the middleware's WithRequestIDLabel, or Request.LabelID. The completion line of a slow request then has [MillisKey].
//
// # Other profiles
//
// There is one CPU profile in a process at a time. While another is taken, the sampler stands
// aside, and tries again with each window. One that is to begin while the sampler is at work is
// refused by the runtime: [Sampler.Aside] is for that.
//
// # Concurrency
//
// Everything here is safe for concurrent use.
package cpu
