// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

const roleEnv = "NATSJOBS_TEST_ROLE"

func playRole() int { return 2 }
