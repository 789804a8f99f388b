// SPDX-License-Identifier: Apache-2.0

package echov4_test

import (
	"testing"

	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
)

// What the runtime allocates for a request is 512 bytes up to here, and 576 beyond.
func TestARequestIsNoLargerThanWhatIsAllocatedForIt(t *testing.T) {
	t.Parallel()
	if got := echov4.Size(); got > 512 {
		t.Errorf("a request is %d bytes, and takes up the next size", got)
	}
}
