// SPDX-License-Identifier: Apache-2.0

package shop

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/api"
	"github.com/asynclocal/asynclocal/example/internal/audit"
	"github.com/asynclocal/asynclocal/example/internal/config"
	"github.com/asynclocal/asynclocal/example/internal/database"
	"github.com/asynclocal/asynclocal/example/internal/ops"
	"github.com/asynclocal/asynclocal/example/internal/order"
	"github.com/asynclocal/asynclocal/example/internal/outbox"
	"github.com/asynclocal/asynclocal/example/internal/payments"
	"github.com/asynclocal/asynclocal/example/internal/receipt"
	"github.com/asynclocal/asynclocal/example/internal/report"
	"github.com/asynclocal/asynclocal/example/internal/restock"
	"github.com/asynclocal/asynclocal/example/internal/wait"
	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/tracing"
)

func (p *process) startDatabase(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout+p.config.StartWait)
	defer cancel()
	err = wait.For(ctx, p.config.StartWait, "the database at DATABASE_URL "+config.Masked(p.config.DatabaseURL), func(ctx context.Context) (err error) {
		p.db, err = database.Open(ctx, p.config.DatabaseURL, p.config.Data)
		return err
	}, func(err error) bool { return p.config.DatabaseURL != "" && database.Unavailable(err) })
	if err != nil {
		return err
	}
	p.onStop("database", func(context.Context) error { return p.db.Close() })
	return nil
}

// startPayments starts the payments service: at -addr if that is the role, else on
// a separate port.
func (p *process) startPayments(context.Context) error {
	e := p.newEcho(config.Payments, zap.L().Named("payments"))
	payments.Register(e, p.db)
	if p.config.Role == config.Payments {
		addr, err := p.listen("payments", p.config.Addr, e)
		if err == nil {
			p.config.Addr = addr.String()
		}
		return err
	}
	addr, err := p.listen("payments", "127.0.0.1:0", e)
	if err == nil && p.config.PaymentsURL == "" {
		p.config.PaymentsURL = "http://" + addr.String()
	}
	return err
}

// startWorker starts running jobs.
func (p *process) startWorker(context.Context) error {
	post, err := p.post()
	if err != nil {
		return err
	}
	handlers := natsjobs.Handlers{
		receipt.Job: handler(func(_ context.Context, d receipt.Data) error { return receipt.Send(post, d) }),
		restock.Job: handler(func(ctx context.Context, d restock.Data) error { return restock.Receive(ctx, p.db, d) }),
		report.Job: handler(func(ctx context.Context, d report.Data) error {
			return report.Write(ctx, p.db, d.Report, reportPace)
		}),
	}
	ctx, cancel := context.WithCancel(p.telemetry.With(context.Background(), service(config.Worker)))
	done := make(chan error, 1)
	go func() {
		err := p.queue.Work(ctx, handlers, natsjobs.WithLogger(zap.L()), natsjobs.WithRecover(),
			natsjobs.WithConcurrency(p.config.Workers), natsjobs.WithGrace(p.config.ShutdownGrace),
			natsjobs.WithErrorHandler(func(err error) { zap.L().Warn("worker", zap.Error(err)) }))
		if err != nil && ctx.Err() == nil {
			p.failed <- err
		}
		done <- err
	}()
	p.onStop("worker", func(context.Context) error {
		cancel()
		return <-done
	})
	return nil
}

func (p *process) post() (receipt.Post, error) {
	if p.config.SMTPAddr != "" {
		return receipt.NewMail(p.config.SMTPAddr, p.config.SMTPTo), nil
	}
	return receipt.NewDirectory(filepath.Join(p.config.Data, "receipts"))
}

// handler decodes a job's data. Data that cannot be decoded, or makes no sense,
// will not work next time either.
func handler[T any](f func(context.Context, T) error) natsjobs.Handler {
	return func(ctx context.Context, job *natsjobs.Job) error {
		var data T
		if err := json.Unmarshal(job.Data, &data); err != nil {
			return natsjobs.Permanent(err)
		}
		err := f(ctx, data)
		if errors.Is(err, receipt.ErrInvalid) || errors.Is(err, restock.ErrInvalid) {
			return natsjobs.Permanent(err)
		}
		return err
	}
}

// reportPace is how long a report takes for each item.
const reportPace = 200 * time.Millisecond

// How often to look for work that was left behind.
const (
	relayInterval     = time.Second
	reconcileInterval = 10 * time.Second
)

// startAPI starts the HTTP API, and the background parts that finish its work if
// it could not.
func (p *process) startAPI(context.Context) error {
	client := payments.NewClient(p.config.PaymentsURL, tracing.Transport(nil))
	box := outbox.New(p.db, p.queue)
	trail := &audit.Trail{}
	sales := order.NewShop(p.cut, p.db, client, box, trail, p.config.Finish)
	p.background("outbox", func(ctx context.Context) { box.Relay(ctx, relayInterval) })
	p.background("reconciliation", func(ctx context.Context) { sales.Reconcile(ctx, reconcileInterval) })
	p.onStop("orders", func(context.Context) error {
		sales.Wait()
		trail.Wait()
		return nil
	})

	e := p.newEcho(config.API, zap.L())
	api.Register(e, sales, p.db, p.queue.Health)
	closing, cancel := context.WithCancel(context.Background())
	p.mountInspector(closing, e)
	mountProfiles(closing, e)
	addr, err := p.listen("API", p.config.Addr, e)
	if err != nil {
		cancel()
		return err
	}
	p.config.Addr = addr.String()
	p.onStop("inspector's pages", func(context.Context) error { cancel(); return nil })
	return nil
}

// startOps starts the operations page of this process.
func (p *process) startOps(context.Context) error {
	addr, err := p.listen("operation", p.config.Ops, ops.Handler(p.queue))
	if err == nil {
		p.config.Ops = addr.String()
	}
	return err
}

// startHealth gives a worker a health check.
func (p *process) startHealth(context.Context) error {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/healthz", func(c echo.Context) error {
		if err := p.queue.Health(); err != nil {
			zap.L().Warn("not healthy", zap.Error(err))
			return echo.NewHTTPError(http.StatusServiceUnavailable, "no broker").SetInternal(err)
		}
		return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
	})
	addr, err := p.listen("health check", p.config.Addr, e)
	if err == nil {
		p.config.Addr = addr.String()
	}
	return err
}
