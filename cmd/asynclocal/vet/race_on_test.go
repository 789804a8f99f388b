// SPDX-License-Identifier: Apache-2.0

//go:build race

package vet_test

const raceDetector = true
