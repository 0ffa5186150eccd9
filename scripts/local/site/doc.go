// Package site serves the page of functions/api/site on this machine, as an S3 bucket behind CloudFront does, so
// that what a browser makes of it shows before anything is deployed.
//
// One page can be of the API's own origin: /api/* goes to the stage, without the prefix, and the browser sees no
// other origin. Another can be of a second origin and call the stage directly, which needs CORS.
//
// It follows CloudFront in: /api/* and nothing else is the API's; every other path whose last segment has no dot
// is the page, so that a link to anywhere on it works; a response of the API is passed on as it is, refusals
// included; the headers that keep the page safe, the Content-Security-Policy among them.
//
// What it does not do: HTTPS, and with it Strict-Transport-Security; caching; the bucket's own 403 for a file that
// is not there (it is 404 here). It is a tool for development and serves loopback only.
package site
