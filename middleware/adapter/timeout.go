// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"
)

// isTimeoutWriter reports whether w is the writer of an http.TimeoutHandler. Only its type's name
// tells, which is not promised: a test fails if the name changes. The status would then be the one
// that was written.
func isTimeoutWriter(w http.ResponseWriter) bool {
	return reflect.TypeOf(w).String() == "*http.timeoutWriter"
}

// timeoutWriter returns the writer of an http.TimeoutHandler outside, or nil. The TimeoutHandler
// answers 503 by itself once the time is over, whatever has been written.
func (rc *recorder) timeoutWriter() http.ResponseWriter {
	w := rc.w
	for range maxWrapped {
		if isTimeoutWriter(w) {
			return w
		}
		wrapper, ok := w.(wrapping)
		if !ok {
			return nil
		}
		w = wrapper.Unwrap()
	}
	return nil
}

func (rc *recorder) overruled() bool { return rc.timeoutWriter() != nil }

// near is how much time an http.TimeoutHandler has left when it is uncertain whether it notices the
// answer or the timeout first. A later deadline costs an exchange nothing.
const near = time.Second

// postpone delays the end of an exchange that an http.TimeoutHandler outside has not noticed yet:
// it may find the time over, and answer 503 though the handler has answered in time. postpone
// reports whether it delayed the end.
func (x *Exchange) postpone(o *Outcome) bool {
	end, limited := x.base().Deadline()
	if !limited || o.status != 0 || o.detached || o.panicked() || time.Until(end) > near {
		return false
	}
	// Asking a writer whose status has not been sent would send one.
	w := x.recorder().timeoutWriter()
	if w == nil || x.status.Load() == 0 || tooLate(w) {
		return false // and if the time is over, sent says so
	}
	last := *o
	last.end, last.detached = time.Now(), true
	x.stage |= waits
	context.AfterFunc(x.base(), func() { x.decided(w, &last) })
	return true
}

// decided ends an exchange whose time is over, or whose http.TimeoutHandler has returned. Only in
// the second case has the TimeoutHandler canceled the context; in the first, its writer is asked
// for its decision, which it makes at once.
func (x *Exchange) decided(w http.ResponseWriter, o *Outcome) {
	o.status = int(x.status.Load())
	for end := time.Now().Add(grace); x.expired() && time.Now().Before(end); time.Sleep(grace / 100) {
		if tooLate(w) {
			o.status = http.StatusServiceUnavailable
			break
		}
	}
	x.finish(o)
}

// tooLate asks the writer of an http.TimeoutHandler whether the time is over.
func tooLate(w http.ResponseWriter) bool {
	_, err := w.Write(nil)
	return errors.Is(err, http.ErrHandlerTimeout)
}
