// SPDX-License-Identifier: Apache-2.0

// Package inspect shows one request at a time: its spans, log lines and jobs, over every process that
// took part, on one page. It is meant for development and for small deployments.
//
// Traces and logs usually need a collector, a store and two web interfaces before one can look at
// them. An [Inspector] is one handler: an OTLP/HTTP endpoint that any process in any language can
// export to, a bounded store in memory, and the page.
//
//	insp := inspect.New()
//	defer insp.Close()
//	mux.Handle("/inspect/", insp)              // net/http
//	e.Any("/inspect*", echo.WrapHandler(insp)) // Echo: with and without a slash at the end
//	fmt.Println(insp.Link("http://127.0.0.1:8080"))
//
// Exporters are pointed at it as at any OTLP/HTTP endpoint that wants a token:
//
//	OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:8080/inspect
//	OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<token>
//
// What this process itself has to say needs none of that: [Inspector.SpanExporter], [Inspector.ZapCore] and
// [Inspector.SlogHandler] hand it over directly.
//
// Do not instrument the inspector's own paths, or it watches itself; give your middleware a skipper
// for them.
//
// # What is one request
//
// A trace, and every trace whose spans link to it, such as the jobs it enqueued. Where several requests
// share a trace, each is listed by its request id: the span attribute request.id, or the log attribute
// request_id. Log lines without a trace are found by their request id. Lines that name neither belong
// to no request and are counted, not kept.
//
// # What is in the task tree
//
// Server and consumer spans; bound work, by spans with the attribute asynclocal.task.kind that
// tracing.TraceTasks makes; goroutines, or threads, by the attribute thread.id of spans and lines that
// tracing.WithGoroutines and logging.WithGoroutines add, else where a span outlives its parent or a line
// its span. Of a request without spans, which was not sampled, what its lines tell: completion lines, with
// method and status or with job, and duration_ms, stand for requests and jobs. Lines with the attribute
// log_recorded are a flight recorder's.
//
// # What is kept
//
// [WithMaxBytes] bounds what is held, resources and scopes included, and what is on its way, together,
// and leaves room for what it takes to look at it. Requests are kept for at most [WithMaxAge] after their
// last record. Whole requests are evicted, the longest silent first. Nothing is written to disk.
//
// # Who may look
//
// A client that has the token: that of [WithToken], or one that the inspector makes for itself and that
// [Inspector.Token] and [Inspector.Link] tell. There is no exception for this machine: a plain reverse
// proxy on it, which rewrites Host and says nothing of itself, sends what a local process would. Where
// the inspector has a loopback listener of its own, [WithoutToken] does without. Pages of other sites, by
// what browsers say of them, are not answered, whatever they have. Log lines and attributes are data: the page writes them as text, and a content security policy lets no script in but its own.
//
// # OTLP
//
// POST {path}/v1/traces and {path}/v1/logs take application/x-protobuf and application/json, plain or
// gzip. {path}/v1/metrics is accepted and dropped. A malformed body is answered with 400, one that is
// too large with 413 (JSON has a bound of 4 MiB), another content type or encoding with 415, one that
// does not come in time with 408, too many exports at once with 429, a closed inspector with 503. Spans
// without a valid trace and span id, and records of more than 20 000 values, are reported as partial
// success. Text that is not UTF-8 is mended, and that is reported as a warning.
//
// At most 64 exports are read at once, of one client 48, and of bodies over 1 MiB one. When there are
// more, a sender of less than 64 KiB a second, of a large body 1 MiB, gives way.
//
// # JSON
//
// GET {path}/api/requests lists requests; parameters q (words, a request id, a trace id), status (404,
// 5xx, error, pending), method, route, service, slow (1, or a duration), limit. GET
// {path}/api/requests/{id} is one request, id being a request id, a trace id, or both with a slash
// between, in pages: an answer whose request is evicted meanwhile, or that is not read, is cut off;
// details=0 leaves attributes, events and links of spans out, max=n cuts strings (of one record, 4 MiB are shown at most).
// {path}/api/spans/{trace id}/{span id} is one span, {path}/api/stats the counters, {path}/api/stream
// the list's changes as server-sent events: with after=seq, seq being a list's or a request's, all that
// came since.
//
// # Concurrency
//
// An Inspector is safe for concurrent use. It starts no goroutine; exports are decoded on the
// goroutines of the server that calls it, half as many at once as there are processors.
package inspect
