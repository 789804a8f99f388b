// Consumer of logging/zerolog
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"

	"github.com/rs/zerolog"

	zerologging "github.com/asynclocal/asynclocal/logging/zerolog"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	l := zerolog.New(os.Stdout).Hook(zerologging.NewHook())
	store.NewRequest("abc-1").Run(context.Background(), func(context.Context) { l.Info().Msg("sold") })
}
