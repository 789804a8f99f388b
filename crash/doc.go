// SPDX-License-Identifier: Apache-2.0

// Package crash makes one event of a process that crashes: of a panic that nothing recovers,
// of an error that the runtime throws, as concurrent map writes, a stack that overflows, a
// deadlock or memory that has run out, and of a SIGQUIT.
//
// A crash is a traceback on stderr, in many lines that no log pipeline puts together again,
// and it does not say whose request it was. With
//
//	func main() {
//		if err := crash.Start(crash.WithHandler(slog.NewJSONHandler(os.Stderr, nil))); err != nil {
//			log.Print(err)
//		}
//		// … the program
//	}
//
// it is one [Event] too: the message, the request of the goroutine, its name and where it is
// labelled its id, the user's top frame, the versions, and how many goroutines worked for which
// request. The traceback stays on stderr as it is.
//
// # How
//
// Start runs the program a second time, as a monitor that waits at the other end of a pipe.
// The runtime writes its last words there (debug.SetCrashOutput), the monitor reads them when
// the process has ended, and hands the Event to what the options say. So the code that gets it runs in
// a process that is well, with the configuration of the one that is not, and may use the network.
// A process that ends without a crash takes its monitor with it, however it ends.
//
// The monitor is main up to Start, with the program's environment and arguments, so Start has to be
// the first thing in main, and the init functions of all packages run in it too. What they cannot do
// twice, such as listening at a port, does not belong there anyway. Where the monitor ends
// before it comes to Start, or waits there, Start says so.
//
// A process has one crash output. Start takes it; [WithOutput] is for who has one.
//
// # In a container
//
// The kernel ends all processes of a container with its first, so a monitor would not live long
// enough there. As process 1, Start turns it around: what was started becomes the monitor, and
// the program runs below it, as with a small init. It passes signals on, reaps orphans, and
// ends as the program did: with its exit code, or 128 and the number of the signal. In the program
// os.Getpid is not 1 then. [WithSupervisor] asks for that anywhere.
//
// Nothing is written to a disk, and nothing but the program itself has to be there to be started:
// neither a shell nor a writable file system.
//
// # Whose request
//
// Goroutines of a request have its name as the profiler label request, and with
// middleware.WithRequestIDLabel, or store's Request.LabelID, the id as request_id. Tracebacks
// have labels from Go 1.27 on. Where they have none, Start has the runtime print them by adding
// tracebacklabels=1 to GODEBUG, of this process and of those that it starts, unless GODEBUG says
// something about it already. [WithoutLabels] leaves that alone.
//
// The runtime prints the goroutine that crashes alone, unless GOTRACEBACK asks for more. Start
// asks for all, on stderr as well; [WithoutGoroutines] leaves that alone.
//
// A panic that goes out through a Run of the goroutine's own leaves nothing of the request in the
// traceback, for Run has put back what was before. Then what Run has told on the way counts, the
// id too.
//
// # What it costs
//
// A process that sleeps, and its memory: some megabytes, most of them shared with the program's.
// Nothing is slower, until it crashes. What a SIGKILL ends, the kernel's out-of-memory killer for
// one, says no last words, and there is no event.
//
// # Concurrency
//
// Start is called once, by main. Reports run in the monitor, one after the other.
package crash
