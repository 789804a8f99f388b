// SPDX-License-Identifier: Apache-2.0

// Package crash turns the crash of a process into one event. A crash is a panic that is not
// recovered, an error that the runtime throws (concurrent map writes, a stack overflow, a deadlock,
// memory exhaustion), or a SIGQUIT.
//
// Without it, a crash is a traceback on stderr, in many lines that no log pipeline reassembles, and
// it does not say which request crashed. With
//
//	func main() {
//		if err := crash.Start(crash.WithHandler(slog.NewJSONHandler(os.Stderr, nil))); err != nil {
//			log.Print(err)
//		}
//		// … the program
//	}
//
// it is also one [Event]: the message, the name of the goroutine's request and, if it is a label,
// its id, the user's top frame, the versions, and how many goroutines worked for which request. The
// traceback stays on stderr as it is.
//
// # How
//
// Start runs the program a second time, as a monitor that waits at the other end of a pipe. The
// runtime writes the traceback there (debug.SetCrashOutput). The monitor reads it when the process
// has ended, and passes the Event on as the options say. So the code that gets the Event runs in a
// healthy process, with the configuration of the crashed one, and may use the network. When a
// process ends without a crash, however it ends, its monitor ends too.
//
// The monitor runs main up to Start, with the program's environment and arguments, so Start must be
// the first call in main. The init functions of all packages run in the monitor too; work that
// cannot be done twice, such as listening on a port, does not belong there anyway. If the monitor
// ends before it reaches Start, or blocks before it, Start returns an error.
//
// A process has one crash output, and Start takes it; use [WithOutput] if the program has its own.
//
// # In a container
//
// When the first process of a container ends, the kernel ends all the others, so a monitor would
// not live long enough there. As process 1, Start therefore swaps the roles: the process that was
// started becomes the monitor, and the program runs below it, as with a small init. The monitor
// passes signals on, reaps orphans, and ends as the program did: with its exit code, or 128 plus
// the number of the signal. In the program, os.Getpid is then not 1. [WithSupervisor] does this
// anywhere.
//
// Nothing is written to disk, and nothing but the program itself is needed to start the monitor: no
// shell and no writable file system.
//
// # Whose request
//
// Goroutines of a request have its name as the profiler label request, and with
// middleware.WithRequestIDLabel, or Request.LabelID of package store, the id as request_id.
// Tracebacks have labels from Go 1.27 on. If they have no labels, Start makes the runtime print
// them by adding tracebacklabels=1 to GODEBUG, of this process and of the processes it starts,
// unless GODEBUG sets it already. [WithoutLabels] leaves GODEBUG alone.
//
// The runtime prints only the goroutine that crashes, unless GOTRACEBACK asks for more. Start asks
// for all goroutines, on stderr as well; [WithoutGoroutines] leaves that alone.
//
// A panic that passes a Run on its own goroutine leaves nothing of the request in the traceback,
// because Run has restored what was before. Then the event has what Run has noted on the way,
// including the id.
//
// # What it costs
//
// It costs a sleeping process and its memory: a few megabytes, most of them shared with the
// program. Nothing is slower until the program crashes. A SIGKILL, such as from the kernel's
// out-of-memory killer, leaves no traceback, and there is no event.
//
// # Concurrency
//
// Start is called once, by main. Reports run in the monitor, one after the other.
package crash
