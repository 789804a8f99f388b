// Consumer of logging/logrus
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"

	"github.com/sirupsen/logrus"

	logruslogging "github.com/asynclocal/asynclocal/logging/logrus"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	l := logrus.New()
	l.SetOutput(os.Stdout)
	l.SetFormatter(&logrus.JSONFormatter{DisableTimestamp: true})
	l.AddHook(logruslogging.NewHook())
	store.NewRequest("abc-1").Run(context.Background(), func(context.Context) { l.Info("sold") })
}
