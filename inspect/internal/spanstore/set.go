// SPDX-License-Identifier: Apache-2.0

package spanstore

import "slices"

// smallSet is the number of members up to which a linear search is cheaper than a map.
const smallSet = 16

// set is a list without duplicates, which grows in linear time, however long senders make it.
type set[T comparable] struct {
	list []T
	at   map[T]int32 // of a long set
}

func (s *set[T]) find(v T) int {
	if s.at == nil {
		return slices.Index(s.list, v)
	}
	if i, ok := s.at[v]; ok {
		return int(i)
	}
	return -1
}

// add returns the member that equals v, which is the one to keep: equal strings need to be held
// only once.
func (s *set[T]) add(v T) (member T, added bool) {
	if i := s.find(v); i >= 0 {
		return s.list[i], false
	}
	s.list = append(s.list, v)
	switch {
	case s.at != nil:
		s.at[v] = int32(len(s.list) - 1)
	case len(s.list) > smallSet:
		s.at = make(map[T]int32, 2*len(s.list))
		for i, m := range s.list {
			s.at[m] = int32(i)
		}
	}
	return v, true
}
