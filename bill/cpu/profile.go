// SPDX-License-Identifier: Apache-2.0

package cpu

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// sample is one sample of a profile.
type sample struct {
	request, id string // labels
	cpu         time.Duration
}

// The fields of profile.proto that are read.
// https://github.com/google/pprof/blob/main/proto/profile.proto
const (
	profileSample  = 2
	profileStrings = 6
	sampleValue    = 2
	sampleLabel    = 3
	labelKey       = 1
	labelText      = 2
)

var errProfile = errors.New("it is no profile.proto")

// parse reads what a profile says about requests. The format is simple enough to do without a profile
// library, which every program would then depend on.
func parse(zipped []byte) ([]sample, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var found [][]byte
	var texts []string
	err = fields(raw, func(n protowire.Number, value []byte, _ uint64) {
		switch n {
		case profileSample:
			found = append(found, value)
		case profileStrings:
			texts = append(texts, string(value))
		}
	})
	samples := make([]sample, 0, len(found))
	for _, f := range found {
		s, e := parseSample(f, texts)
		err = errors.Join(err, e)
		samples = append(samples, s)
	}
	return samples, err
}

func parseSample(raw []byte, texts []string) (s sample, err error) {
	err = fields(raw, func(n protowire.Number, value []byte, v uint64) {
		switch n {
		case sampleValue: // the number of samples, then nanoseconds; the runtime does not pack two values
			for size := 0; len(value) > 0 && size >= 0; value = value[max(size, 0):] {
				v, size = protowire.ConsumeVarint(value)
			}
			s.cpu = time.Duration(v)
		case sampleLabel:
			switch key, text := parseLabel(value, texts); key {
			case ambient.Key:
				s.request = text
			case ambient.IDKey:
				s.id = text
			}
		}
	})
	return s, err
}

func parseLabel(raw []byte, texts []string) (key, text string) {
	at := func(i uint64) string {
		if i < uint64(len(texts)) {
			return texts[i]
		}
		return ""
	}
	_ = fields(raw, func(n protowire.Number, _ []byte, v uint64) {
		switch n {
		case labelKey:
			key = at(v)
		case labelText:
			text = at(v)
		}
	})
	return key, text
}

// fields calls each for every field of a message.
func fields(raw []byte, each func(n protowire.Number, value []byte, v uint64)) error {
	for len(raw) > 0 {
		n, kind, size := protowire.ConsumeTag(raw)
		if size < 0 {
			return errProfile
		}
		raw = raw[size:]
		switch kind {
		case protowire.BytesType:
			value, size := protowire.ConsumeBytes(raw)
			if size < 0 {
				return errProfile
			}
			each(n, value, 0)
			raw = raw[size:]
		case protowire.VarintType:
			v, size := protowire.ConsumeVarint(raw)
			if size < 0 {
				return errProfile
			}
			each(n, nil, v)
			raw = raw[size:]
		default:
			size := protowire.ConsumeFieldValue(n, kind, raw)
			if size < 0 {
				return errProfile
			}
			raw = raw[size:]
		}
	}
	return nil
}
