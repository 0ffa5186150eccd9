// Package browser tests the page of functions/api/site in headless Chromium against the complete local system: the fake Cognito with its
// sign-in page, the gateway, and both functions from their zips. It only contains tests. Run `make test-browser`, or
//
//	BROWSERTEST=1 go test -count=1 -v ./scripts/browser
//
// It needs Chromium, on PATH or at CHROMIUM=path. Without it the tests are skipped or, with BROWSER_REQUIRED=1, fail.
// AXE=path/to/axe.min.js adds accessibility checks. UPDATE_DOCS=1 writes the screenshots and the table of CORS headers into docs;
// otherwise the table is only compared.
//
// Every test also fails if the page writes an error to the console or violates its Content-Security-Policy.
package browser
