// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"fmt"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

// A queue of one's own: what a message needs is a place for a few strings.
func Example() {
	type message struct {
		Header map[string][]string
		Body   string
	}
	queue := make(chan message, 1)

	// Where the job is enqueued, somewhere in a request:
	enqueue := func(ctx context.Context, body string) {
		m := message{Header: jobs.Carrier{}, Body: body}
		jobs.Inject(ctx, m.Header)
		queue <- m
	}

	// Where it is done, in this process or another:
	work := func(ctx context.Context) error {
		m := <-queue
		return jobs.Run(ctx, m.Header, "greet", func(ctx context.Context) error {
			r, _ := store.CurrentFrom(ctx)
			fmt.Println(m.Body, "for request", r.ID(), "as", r.Name())
			return nil
		})
	}

	store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
		enqueue(ctx, "hello")
	})
	fmt.Println(work(context.Background()))
	// Output:
	// hello for request order-1 as job greet
	// <nil>
}

var customer = store.New("customer", "")

// A Storage that is registered travels with every job.
func ExampleRegister() {
	jobs.Register(customer, "customer", jobs.Text[string]())

	header := jobs.Carrier{}
	jobs.Inject(customer.With(context.Background(), "ann"), header)
	fmt.Println(header)

	_ = jobs.Run(context.Background(), header, "greet", func(ctx context.Context) error {
		name, ok := customer.From(ctx)
		fmt.Println(name, ok)
		return nil
	})
	// Output:
	// map[x-store-customer:[ann]]
	// ann true
}

// Watermill's message.Metadata is a map[string]string. Inject writes one value a
// key, so that nothing is lost on the way.
func Example_watermill() {
	type Metadata map[string]string // message.Metadata

	// A publisher decorator does this with each message:
	toMetadata := func(ctx context.Context, m Metadata) {
		carrier := jobs.Carrier{}
		jobs.Inject(ctx, carrier)
		for key, values := range carrier {
			m[key] = values[0]
		}
	}

	// And a handler middleware this, around the handler:
	fromMetadata := func(m Metadata) jobs.Carrier {
		carrier := jobs.Carrier{}
		for key, value := range m {
			carrier[key] = []string{value}
		}
		return carrier
	}

	metadata := Metadata{"mine": "kept"}
	store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
		toMetadata(ctx, metadata)
	})
	_ = jobs.Run(context.Background(), fromMetadata(metadata), "greet", func(ctx context.Context) error {
		r, _ := store.CurrentFrom(ctx)
		fmt.Println(r.ID(), metadata["mine"])
		return nil
	})
	// Output: order-1 kept
}

// Kafka's record headers are a list of keys and bytes, in which a key may stand
// more than once: what stood there before goes, the rest stays.
func Example_kafka() {
	type Header struct { // kgo.RecordHeader, sarama.RecordHeader, kafka.Header
		Key   string
		Value []byte
	}

	toHeaders := func(ctx context.Context, headers []Header) []Header {
		carrier := jobs.Carrier{}
		for _, h := range headers {
			carrier[h.Key] = append(carrier[h.Key], string(h.Value))
		}
		jobs.Inject(ctx, carrier)
		headers = headers[:0]
		for key, values := range carrier {
			for _, value := range values {
				headers = append(headers, Header{key, []byte(value)})
			}
		}
		return headers
	}

	fromHeaders := func(headers []Header) jobs.Carrier {
		carrier := jobs.Carrier{}
		for _, h := range headers {
			carrier[h.Key] = append(carrier[h.Key], string(h.Value))
		}
		return carrier
	}

	var headers []Header
	store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
		headers = toHeaders(ctx, []Header{{"mine", []byte("kept")}, {"X-Request-Id", []byte("stale")}})
	})
	_ = jobs.Run(context.Background(), fromHeaders(headers), "greet", func(ctx context.Context) error {
		r, _ := store.CurrentFrom(ctx)
		fmt.Println(r.ID(), len(headers))
		return nil
	})
	// Output: order-1 2
}
