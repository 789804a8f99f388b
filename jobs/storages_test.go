// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

type user struct {
	Name  string
	Roles []string
}

var (
	tenant = store.New("tenant", "nobody")
	who    = store.New("user", user{})
	addr   = store.New("addr", netip.Addr{})
	link   = store.New[*url.URL]("link", nil)
	moody  = store.New("moody", "")
	short  = store.New("short", "")
)

func init() {
	jobs.Register(tenant, "tenant", jobs.Text[string]())
	jobs.Register(who, "user", jobs.JSON[user]())
	jobs.Register(addr, "addr", jobs.MarshalText[netip.Addr]())
	jobs.Register(link, "link", jobs.Codec[*url.URL]{
		Encode: func(u *url.URL) ([]byte, error) { return []byte(u.String()), nil },
		Decode: func(b []byte) (*url.URL, error) { return url.Parse(string(b)) },
	})
	jobs.Register(moody, "moody", jobs.Codec[string]{
		Encode: func(s string) ([]byte, error) { return []byte(s), errorIf(s == "not out") },
		Decode: func(b []byte) (string, error) { return string(b), errorIf(string(b) == "not in") },
	})
	jobs.Register(short, "short", jobs.Codec[string]{
		Encode:   func(s string) ([]byte, error) { return []byte(s), nil },
		Decode:   func(b []byte) (string, error) { return string(b), nil },
		MaxBytes: 4,
	})
}

func errorIf(bad bool) error {
	if bad {
		return errors.New("bad")
	}
	return nil
}

// travel returns the context that a job gets when ctx enqueues it.
func travel(ctx context.Context) (got context.Context) {
	c := jobs.Carrier{}
	jobs.Inject(ctx, c)
	_ = jobs.Run(context.Background(), c, "n", func(ctx context.Context) error { got = ctx; return nil })
	return got
}

func TestRegisteredStoragesTravel(t *testing.T) {
	t.Parallel()
	u := user{"Zoë \"Z\"\n", []string{"a", "b"}}
	ctx := tenant.With(context.Background(), " acme ü % \x00")
	ctx = who.With(ctx, u)
	ctx = addr.With(ctx, netip.MustParseAddr("::1"))
	ctx = link.With(ctx, &url.URL{Scheme: "https", Host: "example.com"})
	ctx = travel(ctx)
	if v, _ := tenant.From(ctx); v != " acme ü % \x00" {
		t.Errorf("tenant %q", v)
	}
	if v, _ := who.From(ctx); v.Name != u.Name || len(v.Roles) != 2 {
		t.Errorf("user %+v", v)
	}
	if v, _ := addr.From(ctx); v.String() != "::1" {
		t.Errorf("addr %v", v)
	}
	if v, _ := link.From(ctx); v == nil || v.Host != "example.com" {
		t.Errorf("link %v", v)
	}
}

func TestAZeroValueIsAValue(t *testing.T) {
	t.Parallel()
	if v, ok := tenant.From(travel(tenant.With(context.Background(), ""))); !ok || v != "" {
		t.Errorf("tenant %q %v", v, ok)
	}
	if v, ok := tenant.From(travel(context.Background())); ok || v != "nobody" {
		t.Errorf("tenant %q %v, want the default", v, ok)
	}
}

func TestWhatCannotTravelIsUnset(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(context.Context) context.Context{
		"refused by Encode":   func(ctx context.Context) context.Context { return moody.With(ctx, "not out") },
		"refused by Decode":   func(ctx context.Context) context.Context { return moody.With(ctx, "not in") },
		"too long":            func(ctx context.Context) context.Context { return short.With(ctx, "12345") },
		"too long when coded": func(ctx context.Context) context.Context { return short.With(ctx, "ü ") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := travel(tenant.With(set(context.Background()), "acme"))
			_, a := moody.From(ctx)
			_, b := short.From(ctx)
			if v, _ := tenant.From(ctx); a || b || v != "acme" {
				t.Errorf("moody %v, short %v, tenant %q", a, b, v)
			}
		})
	}
	if v, _ := short.From(travel(short.With(context.Background(), "1234"))); v != "1234" {
		t.Errorf("short %q: the limit itself is allowed", v)
	}
}

func TestStoragesOfOthersArePassedOn(t *testing.T) {
	t.Parallel()
	c := jobs.Carrier{"X-Store-Theirs": {"secret%20sauce"}, "x-store-tenant": {"acme"}, "x-store-Bad Key": {"x"}}
	_ = jobs.Run(context.Background(), c, "first", func(ctx context.Context) error {
		next := jobs.Carrier{}
		jobs.Inject(ctx, next)
		if v := next["x-store-theirs"]; len(v) != 1 || v[0] != "secret%20sauce" {
			t.Errorf("passed on %q", v)
		}
		if len(next["x-store-bad key"]) != 0 {
			t.Error("what is no key was passed on")
		}
		return nil
	})
}

func TestAllStoragesTogetherAreBounded(t *testing.T) {
	t.Parallel()
	c := jobs.Carrier{}
	for i := range 100 {
		c["x-store-their-"+strings.Repeat("x", i%50+1)] = []string{strings.Repeat("v", 1000)}
	}
	_ = jobs.Run(context.Background(), c, "first", func(ctx context.Context) error {
		next, size := jobs.Carrier{}, 0
		jobs.Inject(ctx, next)
		for k, v := range next {
			if strings.HasPrefix(k, jobs.StoragePrefix) {
				size += len(k) + len(v[0])
			}
		}
		if size == 0 || size > 8192 {
			t.Errorf("%d bytes were passed on", size)
		}
		return nil
	})
}

func TestRegisterRefusesMistakes(t *testing.T) {
	t.Parallel()
	fresh := store.New("fresh", "")
	ok := jobs.Text[string]()
	for name, tt := range map[string]struct {
		register func()
		cure     string
	}{
		"no storage": {func() { jobs.Register(nil, "a", ok) }, "store.New"},
		"no codec":   {func() { jobs.Register(fresh, "a", jobs.Codec[string]{}) }, "JSON, Text or Binary"},
		"a negative limit": {func() {
			jobs.Register(fresh, "a", jobs.Codec[string]{Encode: ok.Encode, Decode: ok.Decode, MaxBytes: -1})
		}, "default"},
		"an upper-case key": {func() { jobs.Register(fresh, "Tenant", ok) }, "[a-z0-9._-]"},
		"an empty key":      {func() { jobs.Register(fresh, "", ok) }, "1 to 64"},
		"a long key":        {func() { jobs.Register(fresh, strings.Repeat("a", 65), ok) }, "1 to 64"},
		"a key twice":       {func() { jobs.Register(fresh, "tenant", ok) }, "choose another"},
		"a storage twice":   {func() { jobs.Register(tenant, "tenant2", ok) }, "register it once"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if v, _ := recover().(string); !strings.HasPrefix(v, "jobs: ") || !strings.Contains(v, tt.cure) {
					t.Errorf("panic %q, want %q in it", v, tt.cure)
				}
			}()
			tt.register()
		})
	}
}

func FuzzText(f *testing.F) {
	f.Add("acme", "%41")
	f.Add(" \x00ü%", "%")
	f.Fuzz(func(t *testing.T, value, header string) {
		if len(value) <= jobs.DefaultMaxBytes/3 {
			if v, ok := tenant.From(travel(tenant.With(context.Background(), value))); !ok || v != value {
				t.Errorf("%q arrived as %q, %v", value, v, ok)
			}
		}
		// Whatever a stranger writes, the job runs.
		ran := false
		c := jobs.Carrier{"x-store-tenant": {header}, "X-Store-User": {header}, "traceparent": {header}, "x-request-id": {header}, header: {value}}
		_ = jobs.Run(context.Background(), c, "n", func(context.Context) error { ran = true; return nil })
		if !ran {
			t.Error("the job did not run")
		}
	})
}
