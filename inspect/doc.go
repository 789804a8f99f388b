// SPDX-License-Identifier: Apache-2.0

// Package inspect shows one request at a time on one page: its spans, log lines and jobs, across
// every process that took part. It is meant for development and for small deployments.
//
// Looking at traces and logs usually takes a collector, a store and two web interfaces. An
// [Inspector] is one handler: an OTLP/HTTP endpoint that any process in any language can export to,
// a bounded store in memory, and the page.
//
//	insp := inspect.New()
//	defer insp.Close()
//	mux.Handle("/inspect/", insp)              // net/http
//	e.Any("/inspect*", echo.WrapHandler(insp)) // Echo: with and without a slash at the end
//	fmt.Println(insp.Link("http://127.0.0.1:8080"))
//
// Point exporters at it as at any OTLP/HTTP endpoint that needs a token:
//
//	OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:8080/inspect
//	OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<token>
//
// The spans and lines of this process itself need none of that: [Inspector.SpanExporter],
// [Inspector.ZapCore] and [Inspector.SlogHandler] hand them over directly.
//
// Do not instrument the inspector's own paths, or it watches itself: give your middleware a skipper
// for them.
//
// # What is one request
//
// A request is a trace, and every trace whose spans link to it, such as the jobs it enqueued. If
// several requests share a trace, each is listed by its request id: the span attribute request.id,
// or the log attribute request_id. Log lines without a trace are found by their request id. Lines
// that have neither belong to no request; they are counted, not kept.
//
// # What is in the task tree
//
// The task tree has server and consumer spans, bound work and goroutines. Bound work is known by
// spans with the attribute asynclocal.task.kind, which tracing.TraceTasks makes. Goroutines, or
// threads, are known by the attribute thread.id of spans and lines, which tracing.WithGoroutines
// and logging.WithGoroutines add; without it, by a span that outlives its parent, or a line that
// outlives its span. For a request without spans, which was not sampled, the tree is made from its
// lines: completion lines, with method and status or with job, and with duration_ms, represent
// requests and jobs. Lines with the attribute log_recorded are a flight recorder's.
//
// # What is kept
//
// [WithMaxBytes] bounds the data that is held, including resources and scopes, together with the
// data being received, and leaves room for what it takes to look at it. Requests are kept for at
// most [WithMaxAge] after their last record. Whole requests are evicted, the longest silent first.
// Nothing is written to disk.
//
// # Who may look
//
// Clients that have the token may look: the token of [WithToken], or one that the inspector makes
// for itself and that [Inspector.Token] and [Inspector.Link] return. There is no exception for this
// machine: a plain reverse proxy on it that rewrites Host and does not identify itself sends what a
// local process would. If the inspector has its own loopback listener, [WithoutToken] lets clients
// in without a token. Requests from pages of other sites, as reported by the browser, are never
// answered. Log lines and attributes are data: the page writes them as text, and a content security
// policy allows only its own scripts.
//
// # OTLP
//
// POST {path}/v1/traces and {path}/v1/logs accept application/x-protobuf and application/json,
// plain or gzip. {path}/v1/metrics is accepted and dropped. Errors: 400 for a malformed body, 413
// for a body that is too large (JSON is limited to 4 MiB), 415 for another content type or
// encoding, 408 for a body that does not arrive in time, 429 for too many exports at once, 503 for
// a closed inspector. Spans without a valid trace and span id, and records of more than 20 000
// values, are reported as partial success. Text that is not UTF-8 is repaired, which is reported as
// a warning.
//
// At most 64 exports are read at once, at most 48 of them from one client and one with a body over
// 1 MiB. If there are more, a sender of less than 64 KiB a second, or 1 MiB for a large body, gives
// way.
//
// # JSON
//
// GET {path}/api/requests lists requests; its parameters are q (words, a request id, a trace id),
// status (404, 5xx, error, pending), method, route, service, slow (1, or a duration) and limit. GET
// {path}/api/requests/{id} returns one request, in pages: an answer is cut off if its request is
// evicted meanwhile, or if it is not read. id is a request id, a trace id, or both with a slash
// between; details=0 leaves out attributes, events and links of spans; max=n cuts strings (of one
// record, at most 4 MiB are shown). {path}/api/spans/{trace id}/{span id} returns one span,
// {path}/api/stats the counters, and {path}/api/stream the changes of the list as server-sent
// events: with after=seq, where seq is from a list or a request, all changes since then.
//
// # Concurrency
//
// An Inspector is safe for concurrent use. It starts no goroutine; exports are decoded on the
// goroutines of the server that calls it, at most half as many at once as there are processors.
package inspect
