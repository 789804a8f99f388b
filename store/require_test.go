// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestRequireSaysWhyTheAmbientHalfIsOff(t *testing.T) {
	t.Parallel()
	err := store.Require()
	if store.Ambient() {
		if err != nil {
			t.Errorf("got %v where contexts travel", err)
		}
		return
	}
	why := store.AmbientError().Error()
	if err == nil || !strings.Contains(err.Error(), why) || !strings.HasPrefix(err.Error(), "store: ") {
		t.Errorf("got %v, want %q in it", err, why)
	}
}

func TestRequireSaysTheWayAndWhatThereIsToDo(t *testing.T) {
	t.Parallel()
	why := errors.New("the layout is another")
	for way, want := range map[string]string{
		"off":      "build without the tag asynclocal_noambient",
		"linkname": "build with the tag asynclocal_nolinkname, which goes another way",
		"probe":    "build with a Go release that this version supports",
	} {
		err := store.RequireError(way, why)
		if !errors.Is(err, why) || !strings.Contains(err.Error(), `(the way is "`+way+`"); `+want) {
			t.Errorf("%s: %v", way, err)
		}
	}
	if way := store.AmbientWay(); store.RequireError(way, why).Error() == store.RequireError("another", why).Error() {
		t.Errorf("there is nothing to do about the way %q", way)
	}
}
