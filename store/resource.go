// SPDX-License-Identifier: Apache-2.0

package store

// Resource is Node's AsyncResource: a context kept in an object. It is for objects that are made in
// one context and called back from others, such as a connection, a pooled job or an event emitter's
// listener.
//
// It is immutable and safe for concurrent use. The methods may be called on nil,
// which holds the empty context.
type Resource struct {
	snapshot Snapshot
	id       uint64
	kind     string
}

// NewResource captures the calling goroutine's context in a Resource. The kind, such as "conn" or
// "listener", is for people and observers.
func NewResource(kind string) *Resource {
	return &Resource{snapshot: Capture(), id: taskIDs.Add(1), kind: kind}
}

// Run calls f in the context that the Resource was made in, and restores the caller's context as
// Snapshot.Run does. Inside, TaskID is the Resource's ID.
func (r *Resource) Run(f func()) {
	needFunc("Resource.Run", f != nil)
	if r == nil {
		Snapshot{}.Run(f)
		return
	}
	s := r.snapshot
	if list := observers.Load(); list != nil {
		s.observed(*list, s.newTask(r.id, taskIDs.Add(1), r.kind, f), f)
		return
	}
	Snapshot{s.kept.InTask(r.id)}.Run(f)
}

// Bind returns a function that calls f in Run. A nil f panics.
func (r *Resource) Bind(f func()) func() {
	needFunc("Resource.Bind", f != nil)
	return func() { r.Run(f) }
}

// ID returns the Resource's number, unique in the process; 0 for nil.
func (r *Resource) ID() uint64 {
	if r == nil {
		return 0
	}
	return r.id
}

// TriggerID returns the TaskID of the goroutine that made the Resource, or 0 if that goroutine
// worked for no Resource and no observed task. It makes Resources a tree.
func (r *Resource) TriggerID() uint64 {
	if r == nil {
		return 0
	}
	return r.snapshot.kept.Task()
}

// Kind returns the kind given to NewResource; "" for nil.
func (r *Resource) Kind() string {
	if r == nil {
		return ""
	}
	return r.kind
}
