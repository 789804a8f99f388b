module github.com/asynclocal/asynclocal/inspect/browsertest

go 1.26.0

require (
	github.com/asynclocal/asynclocal v0.0.0
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	go.opentelemetry.io/proto/otlp v1.11.1
	google.golang.org/protobuf v1.36.12
)

require github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect

replace github.com/asynclocal/asynclocal => ../..
