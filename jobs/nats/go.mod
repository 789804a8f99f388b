module github.com/asynclocal/asynclocal/jobs/nats

go 1.26.0

require github.com/asynclocal/asynclocal v0.0.0

replace github.com/asynclocal/asynclocal => ../..
