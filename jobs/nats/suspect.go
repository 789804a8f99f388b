// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nuid"
)

// solitude is how long a suspect waits to run alone, and how long others then wait for it. It
// doubles each time: work that takes hours must not stop a worker, and a job that crashes the
// process after hours is still found in the end.
const (
	solitude    = 30 * time.Second
	maxSolitude = 24 * time.Hour
)

func (r *record) solitude() time.Duration {
	return min(solitude<<min(r.Suspects, 20), maxSolitude)
}

// processID distinguishes this process's own tries from those of a process that is gone.
var processID = sync.OnceValue(nuid.Next)

// admission is a job's passage through the lock.
type admission struct {
	worker *worker
	job    *Job
	mu     sync.Mutex
	alone  bool
	timer  *time.Timer
}

// admit returns when job may run. A job that was never delivered before, or was answered each time,
// runs beside others; any other job is a suspect and runs alone. ok is false if job may not run
// now; it was then given back.
func (w *worker) admit(ctx context.Context, job *Job) (a *admission, ok bool) {
	a = &admission{worker: w, job: job}
	suspect, err := w.suspect(ctx, job)
	switch {
	case err != nil:
		w.config.onError(err)
		w.giveBack(ctx, job, troubleWait)
		return nil, false
	case !suspect || job.record.Crashes >= w.queue.config.maxCrashes:
		ok = w.lock.enter(w.stopping)
	default:
		ok, err = a.enterAlone(ctx)
	}
	if err != nil {
		w.config.onError(err)
		w.giveBack(ctx, job, troubleWait)
		return nil, false
	}
	switch {
	case ok:
	case w.lock.closed(): // delayed, so that it does not come back to this process
		w.giveBack(ctx, job, troubleWait)
	default:
		w.giveBack(ctx, job, 0)
	}
	return a, ok
}

// suspect reports whether job may have ended a process: whether it was, or could have been,
// delivered and not answered.
func (w *worker) suspect(ctx context.Context, job *Job) (bool, error) {
	held := w.quarantine.holds(job.seq)
	if job.Delivery == 1 && !held {
		return false, nil
	}
	if err := w.load(ctx, job); err != nil {
		return false, err
	}
	r := job.record
	switch {
	case r.Alone && r.Worker != processID():
		r.Crashes++
		r.Reason = "its worker ended, or was cut off, while it ran alone"
	case r.Alone || held || r.Answered < job.Delivery-1:
		r.Suspects++
	default:
		return false, nil
	}
	r.Alone = false
	return true, nil
}

// enterAlone waits for the other jobs to end, and notes that what happens next is job's doing.
func (a *admission) enterAlone(ctx context.Context) (ok bool, err error) {
	w, r := a.worker, a.job.record
	patience := r.solitude()
	a.alone, ok = w.lock.enterAlone(w.stopping, patience)
	if !ok {
		return false, nil
	}
	r.Alone, r.Worker = a.alone, processID()
	if err := w.save(ctx, a.job); err != nil {
		w.lock.leave()
		return false, err
	}
	if a.alone {
		a.timer = time.AfterFunc(patience, func() { a.mingle(ctx) })
	}
	return true, nil
}

// mingle lets other jobs run beside a job that has taken long, once it is noted that job no longer
// runs alone.
func (a *admission) mingle(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.alone {
		return
	}
	a.job.record.Alone = false
	if err := a.worker.save(ctx, a.job); err != nil {
		a.job.record.Alone = true
		a.timer.Reset(troubleWait * 4)
		a.worker.config.onError(err)
		return
	}
	a.alone = false
	a.worker.lock.join()
}

// over is called before the job is settled: from then on its record belongs to the settlement.
func (a *admission) over() {
	if a.timer == nil {
		return
	}
	a.timer.Stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.alone = false
	a.job.record.Alone = false
}

// leave ends the admission.
func (a *admission) leave() {
	a.over()
	a.worker.lock.leave()
	a.worker.quarantine.answered(a.job.seq)
}

// giveBack returns a job that was not tried. That counts neither as a try nor as a suspicion.
func (w *worker) giveBack(ctx context.Context, job *Job, after time.Duration) {
	if w.load(ctx, job) == nil {
		job.record.Answered = job.Delivery
		if err := w.save(ctx, job); err != nil {
			w.config.onError(err)
		}
	}
	if err := job.msg.NakWithDelay(after); err != nil {
		w.config.onError(fmt.Errorf("natsjobs: give back job %s %s: %w", job.Name, job.ID, err))
	}
}
