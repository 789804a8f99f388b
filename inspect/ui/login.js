// SPDX-License-Identifier: Apache-2.0
// A link that a program prints when it starts has the token in its fragment, which no browser sends.
// It goes the way of the form, and out of the address before anything else can read it there.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  const form = document.querySelector("form");
  form.elements.token.value = token;
  form.submit();
}
