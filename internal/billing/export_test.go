// SPDX-License-Identifier: Apache-2.0

package billing

// StatementShape is the shape of a statement for a database of that system.
func StatementShape(sql, system string) (shape string, several bool) {
	f := facts{system: system, query: sql}
	form, several := f.appendShape(nil, statement)
	return string(form), several
}

// CallShape is that of a call.
func CallShape(method, url, template string) string {
	f := facts{method: method, url: url, template: template}
	return string(f.appendCall(nil))
}
