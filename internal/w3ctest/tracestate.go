// SPDX-License-Identifier: Apache-2.0

package w3ctest

import "strings"

var stateCases = map[string][]Request{
	"tracestate_included_traceparent_missing":  {restarts(state("foo=1")), restarts(state("foo=1,bar=2"))},
	"tracestate_included_traceparent_included": {keeps("foo=1,bar=2", state("foo=1,bar=2"))},
	"tracestate_header_name":                   {drops("trace-state: foo=1"), drops("trace.state: foo=1")},
	"tracestate_header_name_valid_casing": {
		keeps("foo=1", "TraceState: foo=1"),
		keeps("foo=1", "TrAcEsTaTe: foo=1"),
		keeps("foo=1", "TRACESTATE: foo=1"),
	},
	"tracestate_empty_header": {
		drops(state("")),
		keeps("foo=1", state("foo=1", "")),
		keeps("foo=1", state("", "foo=1")),
		keeps("foo=1,bar=2", state(",foo=1,, \t,bar=2,")),
	},
	"tracestate_multiple_headers_different_keys": {
		keeps("foo=1,bar=2,rojo=1,congo=2,baz=3", state("foo=1,bar=2", "rojo=1,congo=2", "baz=3")),
	},
	"tracestate_duplicated_keys": {
		keeps("foo=1", state("foo=1,foo=1")),
		keeps("foo=1", state("foo=1,foo=2")),
		keeps("foo=1", state("foo=1", "foo=1")),
		keeps("foo=1", state("foo=1", "foo=2")),
		keeps("foo=1,bar=3", state("foo=1,foo=2,bar=3")),
		keeps("foo=1,bar=2", state("foo=1", "bar=2,foo=2,bar=3", "foo=1")),
		drops(state("foo=1,foo=2=3")),
	},
	"tracestate_all_allowed_characters": {
		keeps(everyKeyChar+"="+everyValueChar, state(everyKeyChar+"="+everyValueChar)),
		keeps(everyKeyChar+"@a-z0-9_-*/="+everyValueChar, state(everyKeyChar+"@a-z0-9_-*/="+everyValueChar)),
	},
	"tracestate_ows_handling": {
		keeps("foo=1,bar=2,baz=3", state("foo=1 \t , \t bar=2, \t baz=3")),
		keeps("foo=1,bar=2,baz=3", state("foo=1\t \t,\t \tbar=2,\t \tbaz=3")),
		keeps("foo=1", state(" foo=1")),
		keeps("foo=1", state("\tfoo=1")),
		keeps("foo=1", state("foo=1 ")),
		keeps("foo=1", state("foo=1\t")),
		keeps("foo=1", state("\t foo=1 \t")),
		keeps("foo= 1", state("foo= 1 ")),
	},
	"tracestate_key_illegal_characters": {
		drops(state("foo =1")),
		drops(state("FOO=1")),
		drops(state("foo.bar=1")),
		drops(state("-foo=1")),
		drops(state("=1")),
	},
	// Level 2 allows "@" anywhere except at the start; the suite follows since 2026.
	"tracestate_key_illegal_vendor_format": {
		drops(state("@foo=1,bar=2")),
		keeps("foo@=1,bar=2", state("foo@=1,bar=2")),
		keeps("bar=2,foo@@bar=1", state("bar=2,foo@@bar=1")),
		keeps("a=0,foo@bar@baz=1,bar=2", state("a=0,foo@bar@baz=1,bar=2")),
		keeps("0=1,foo@0=2", state("0=1,foo@0=2")),
	},
	"tracestate_member_count_limit": {
		keeps(Members(32), state(Members(10), strings.TrimPrefix(Members(32), Members(10)+","))),
		drops(state(Members(33))),
		drops(state(Members(32), "foo=1")),
		keeps(Members(32), state(Members(32), ", ,")),
		keeps(Members(32), state(Members(32), Members(32))),
	},
	"tracestate_key_length_limit": {
		keeps("foo=1,"+repeat("z", 256)+"=1", state("foo=1", repeat("z", 256)+"=1")),
		drops(state("foo=1", repeat("z", 257)+"=1")),
		keeps("foo=1,"+repeat("t", 241)+"@"+repeat("v", 14)+"=1", state("foo=1", repeat("t", 241)+"@"+repeat("v", 14)+"=1")),
		keeps("foo=1,"+repeat("t", 242)+"@v=1", state("foo=1", repeat("t", 242)+"@v=1")),
		keeps("foo=1,t@"+repeat("v", 15)+"=1", state("foo=1", "t@"+repeat("v", 15)+"=1")),
		drops(state("foo=1", repeat("t", 241)+"@"+repeat("v", 15)+"=1")),
	},
	"tracestate_value_illegal_characters": {
		drops(state("foo=bar=baz")),
		drops(state("foo=,bar=3")),
		drops(state("foo=b\tar")),
		drops(state("foo=b\u00e4r")),
		drops(state("foo")),
	},
	"tracestate_value_length_limit": {
		keeps("foo="+repeat("v", 256), state("foo="+repeat("v", 256))),
		drops(state("foo=" + repeat("v", 257))),
	},
	"tracestate_total_length_limit": {
		keeps("a="+repeat("v", 253)+",b="+repeat("v", 254), state("a="+repeat("v", 253)+",b="+repeat("v", 254))),
		keeps("a="+repeat("v", 253), state("a="+repeat("v", 253)+",b="+repeat("v", 255))),
		keeps("a="+repeat("v", 254), state("a="+repeat("v", 254), "b="+repeat("v", 254))),
		keeps("a=1,b=2", state("a=1,"+repeat(" ", 505)+",b=2")),
		// Entries of more than 128 characters go first, and then others, each from the end.
		keeps("a=1,b="+repeat("v", 256)+",c="+repeat("v", 126)+",d=2", state("a=1,b="+repeat("v", 256)+",c="+repeat("v", 126)+",d=2", "0="+repeat("v", 256)+","+repeat("z", 256)+"=1")),
		keeps("a=1,b="+repeat("v", 200)+",c="+repeat("v", 200)+",d=2", state("a=1,b="+repeat("v", 200)+",c="+repeat("v", 200)+",d=2,e="+repeat("v", 200))),
		keeps("a=1,b="+repeat("v", 200)+",c="+repeat("v", 200)+",d=2", state("a=1,b="+repeat("v", 200)+",c="+repeat("v", 200)+",e="+repeat("v", 200)+",d=2")),
		keeps("a="+repeat("v", 126)+",b="+repeat("v", 126)+",c="+repeat("v", 126), state("a="+repeat("v", 126)+",b="+repeat("v", 126)+",c="+repeat("v", 126)+",d="+repeat("v", 126))),
		keeps("0="+repeat("v", 126)+",b="+repeat("v", 126)+",c="+repeat("v", 126), state("0="+repeat("v", 126)+",b="+repeat("v", 126)+",c="+repeat("v", 126)+",d="+repeat("v", 126)+",e=1")),
	},
}
