// SPDX-License-Identifier: Apache-2.0

package published

import (
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"
)

// Require writes the version into the requirements that a go.mod has of this repository. If they have that
// version already, the text does not change.
func Require(file string, text []byte, version string) ([]byte, error) {
	f, err := modfile.Parse(file, text, nil)
	if err != nil {
		return nil, err
	}
	changed := false
	for _, q := range f.Require {
		path := q.Mod.Path
		if path != Root && !strings.HasPrefix(path, Root+"/") || q.Mod.Version == version {
			continue
		}
		if err := f.AddRequire(path, version); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		changed = true
	}
	if !changed {
		return text, nil
	}
	return f.Format()
}
