// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"
)

// isTimeoutWriter reports whether w is the writer of a http.TimeoutHandler. There is no other
// way to tell than by its type's name, which is not promised: a test fails when it is another.
// The status would be what was written then.
func isTimeoutWriter(w http.ResponseWriter) bool {
	return reflect.TypeOf(w).String() == "*http.timeoutWriter"
}

// timeoutWriter returns the writer of a http.TimeoutHandler outside, nil for none: that
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

// near is how much time a http.TimeoutHandler has left if it is doubtful whether it takes
// notice of the answer first, or of the end of the time. A deadline farther off costs an
// exchange nothing.
const near = time.Second

// postpone puts the end of an exchange off that a http.TimeoutHandler outside has yet to
// take notice of: it may find the time over, and answer 503 though the handler has
// answered in time. It reports whether it did.
func (x *Exchange) postpone(o *Outcome) bool {
	end, limited := x.base().Deadline()
	if !limited || o.status != 0 || o.detached || o.panicked() || time.Until(end) > near {
		return false
	}
	// What is asked of a writer whose status is not out would send one.
	w := x.recorder().timeoutWriter()
	if w == nil || x.status.Load() == 0 || tooLate(w) {
		return false // and if it is, sent says so
	}
	last := *o
	last.end, last.detached = time.Now(), true
	x.stage |= waits
	context.AfterFunc(x.base(), func() { x.decided(w, &last) })
	return true
}

// decided ends an exchange whose time is over, or whose http.TimeoutHandler has returned.
// Of the two only the second cancels the context; after the first it is asked of the
// writer how the handler has decided, which it does at once.
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

// tooLate asks the writer of a http.TimeoutHandler whether the time is over.
func tooLate(w http.ResponseWriter) bool {
	_, err := w.Write(nil)
	return errors.Is(err, http.ErrHandlerTimeout)
}
