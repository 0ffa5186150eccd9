// Package browser tests the page of functions/api/site in headless Chromium, against the whole system on this
// machine: the fake Cognito with its sign-in page, the gateway, and both functions out of their zips. It is a
// test and nothing else: `make test-browser`, or
//
//	BROWSERTEST=1 go test -count=1 -v ./scripts/browser
//
// It needs Chromium, found by its name or by CHROMIUM=path. Without one the tests are skipped, and fail if
// BROWSER_REQUIRED=1. AXE=path/to/axe.min.js adds the check of accessibility. UPDATE_DOCS=1 writes the screenshots and
// the table of CORS headers into docs; without it the table is compared.
//
// A test fails when the page writes an error to the console or breaks its Content-Security-Policy, whatever the test
// is about.
package browser
