// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrNoLetter means that no dead letter has the number, or that it is gone.
var ErrNoLetter = errors.New("no such dead letter")

// DeadLetter is a job that was given up.
type DeadLetter struct {
	// Number identifies the letter for Replay and Discard. Later letters have higher numbers.
	Number uint64
	// Name, ID and Data are the job's.
	Name string
	ID   string
	Data []byte
	// Header is the job's, with the context that it was enqueued in, and the keys of dead letters.
	Header nats.Header
	// Reason is the text of the error for which it was given up.
	Reason string
	// Deliveries is how often it was delivered, as far as the server remembers.
	Deliveries int
	// Buried is when it was given up.
	Buried time.Time
}

// DeadLetters returns up to limit letters with numbers above after, oldest first. Start with 0, and
// continue with the number of the last letter; if there are no more, the result is empty.
func (q *Queue) DeadLetters(ctx context.Context, after uint64, limit int) ([]DeadLetter, error) {
	var letters []DeadLetter
	for len(letters) < limit {
		msg, err := q.dead.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(q.letters()))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			break
		}
		if err != nil {
			return letters, q.explain(fmt.Errorf("natsjobs: list dead letters: %w", err))
		}
		after = msg.Sequence
		letters = append(letters, q.letter(msg))
	}
	return letters, nil
}

func (q *Queue) letters() string { return deadPrefix + q.config.prefix + ".>" }

// DeadLetter returns one letter, or ErrNoLetter.
func (q *Queue) DeadLetter(ctx context.Context, number uint64) (DeadLetter, error) {
	if number == 0 { // the server does not take 0 as a number to look up
		return DeadLetter{}, ErrNoLetter
	}
	msg, err := q.dead.GetMsg(ctx, number)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return DeadLetter{}, fmt.Errorf("natsjobs: number %d: %w", number, ErrNoLetter)
	case err != nil:
		return DeadLetter{}, q.explain(fmt.Errorf("natsjobs: read dead letter %d: %w", number, err))
	}
	return q.letter(msg), nil
}

func (q *Queue) letter(msg *jetstream.RawStreamMsg) DeadLetter {
	deliveries, _ := strconv.Atoi(msg.Header.Get(DeadDeliveriesKey)) // 0 stands for unknown
	return DeadLetter{
		Number:     msg.Sequence,
		Name:       strings.TrimPrefix(msg.Subject, deadPrefix+q.config.prefix+"."),
		ID:         msg.Header.Get(JobIDKey),
		Data:       msg.Data,
		Header:     msg.Header,
		Reason:     msg.Header.Get(DeadReasonKey),
		Deliveries: deliveries,
		Buried:     msg.Time,
	}
}

// Replay puts a letter's job back into the queue, with all its tries, its id and the context that
// it was enqueued in, and then removes the letter. It returns ErrNoLetter if there is no such
// letter.
//
// If it is called twice concurrently, or again after an error, it enqueues one job within the
// dedupe window. First fix what the letter's Reason says: a job that fails permanently is buried
// again.
func (q *Queue) Replay(ctx context.Context, number uint64) error {
	letter, err := q.DeadLetter(ctx, number)
	if err != nil {
		return err
	}
	msg := &nats.Msg{
		Subject: q.config.prefix + "." + letter.Name,
		Header:  withoutInstructions(letter.Header),
		Data:    letter.Data,
	}
	delete(msg.Header, DeadReasonKey)
	delete(msg.Header, DeadDeliveriesKey)
	// Not the job's id: the server may remember that one as done.
	id := fmt.Sprintf("%s_DEAD-%d-%d", q.config.stream, number, letter.Buried.UnixNano())
	if _, err := q.js.PublishMsg(ctx, msg, jetstream.WithMsgID(id)); err != nil {
		return q.explain(fmt.Errorf("natsjobs: replay dead letter %d: %w", number, err))
	}
	err = q.Discard(ctx, number)
	if errors.Is(err, ErrNoLetter) {
		return nil // another caller has replayed it at the same moment
	}
	return err
}

// ReplayAll replays the letters that exist when it is called, and returns how many it replayed. It
// stops at the first one that it cannot replay.
func (q *Queue) ReplayAll(ctx context.Context) (n int, err error) {
	info, err := q.dead.Info(ctx)
	if err != nil {
		return 0, q.explain(fmt.Errorf("natsjobs: replay dead letters: %w", err))
	}
	var after uint64
	for after < info.State.LastSeq {
		letters, err := q.DeadLetters(ctx, after, 1)
		if err != nil || len(letters) == 0 || letters[0].Number > info.State.LastSeq {
			return n, err
		}
		after = letters[0].Number
		switch err := q.Replay(ctx, after); {
		case err == nil:
			n++
		case !errors.Is(err, ErrNoLetter):
			return n, err
		}
	}
	return n, nil
}

// Discard removes a letter: its job is lost. It returns ErrNoLetter if there is no such letter.
func (q *Queue) Discard(ctx context.Context, number uint64) error {
	err := q.dead.DeleteMsg(ctx, number)
	if err == nil {
		return nil
	}
	// The client has no specific error for a missing letter.
	if _, gone := q.DeadLetter(ctx, number); errors.Is(gone, ErrNoLetter) {
		return gone
	}
	return q.explain(fmt.Errorf("natsjobs: discard dead letter %d: %w", number, err))
}
