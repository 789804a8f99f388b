// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

// ScopeName is the instrumentation scope of Publish's spans.
const ScopeName = "github.com/asynclocal/asynclocal/jobs/nats"

// PublishOption configures one Publish.
type PublishOption interface{ applyPublish(*publication) }

type publishOption func(*publication)

func (o publishOption) applyPublish(p *publication) { o(p) }

type publication struct {
	id       string
	header   nats.Header
	injector *jobs.Injector
}

// WithID sets the job's id, so that it is stored once: within the dedupe window, a second Publish
// with the same id is not stored again. Use something unique about the work, such as "receipt-" and
// an order's number. The default is a random id, which covers the retries within one Publish.
func WithID(id string) PublishOption { return publishOption(func(p *publication) { p.id = id }) }

// WithHeader adds a header for the handler to read.
func WithHeader(key, value string) PublishOption {
	return publishOption(func(p *publication) { p.header[key] = append(p.header[key], value) })
}

// AsLink starts a new trace for the job, linked to this one. By default the job's span is a child
// of the span of Publish.
func AsLink() PublishOption {
	return publishOption(func(p *publication) { p.injector = linking })
}

var linking = jobs.NewInjector(jobs.AsLink())

// Publish stores a job in the queue and returns when the server has it. name selects the handler;
// data is passed to the handler. The context travels with the job: ctx's, or the calling
// goroutine's if ctx carries nothing or is nil. The call has a span named "send " and name.
//
// In the result, Duplicate means that the server had a job with this id already. An error means
// that the job is not, or may not be, in the queue: try again with the same id. A name consists of
// tokens of [A-Za-z0-9_-], joined by dots.
func (q *Queue) Publish(ctx context.Context, name string, data []byte, opts ...PublishOption) (*jetstream.PubAck, error) {
	if !subject.MatchString(name) {
		return nil, fmt.Errorf("natsjobs: publish %q: a job's name is tokens of [A-Za-z0-9_-], joined by dots", name)
	}
	if ctx == nil {
		ctx = store.Context()
	}
	p := publication{header: nats.Header{}, injector: q.injector}
	for _, o := range opts {
		if o == nil {
			panic("natsjobs: Publish with a nil PublishOption; leave it out")
		}
		o.applyPublish(&p)
	}
	if p.id == "" {
		p.id = nuid.Next()
	}
	msg := &nats.Msg{Subject: q.config.prefix + "." + name, Data: data, Header: p.header}
	return q.send(ctx, name, msg, p)
}

func (q *Queue) send(ctx context.Context, name string, msg *nats.Msg, p publication) (*jetstream.PubAck, error) {
	ctx, span := q.tracer.Start(ctx, "send "+name,
		trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(
			semconv.MessagingOperationName("send"),
			semconv.MessagingOperationTypeSend,
			semconv.MessagingMessageID(p.id),
			semconv.MessagingMessageBodySize(len(msg.Data)),
		),
		trace.WithAttributes(destination(msg.Subject)...))
	defer span.End()
	p.injector.Inject(ctx, jobs.Carrier(msg.Header))
	ack, err := q.js.PublishMsg(ctx, msg, jetstream.WithMsgID(p.id))
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		span.SetAttributes(semconv.ErrorType(err))
		return nil, q.explain(fmt.Errorf("natsjobs: publish %s: %w", name, err))
	}
	return ack, nil
}

// destination returns the attributes, common to both sides, for where a message goes.
func destination(subject string) []attribute.KeyValue {
	return []attribute.KeyValue{
		semconv.MessagingSystemKey.String("nats"),
		semconv.MessagingDestinationName(subject),
	}
}
