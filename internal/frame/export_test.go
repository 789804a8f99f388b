// SPDX-License-Identifier: Apache-2.0

package frame

// Tracked returns how many goroutines have a track.
func Tracked() int { return int(tracked.Load()) }
