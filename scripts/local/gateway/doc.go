// Package gateway behaves on this machine like an API Gateway REST API that has a Lambda authorizer and
// proxy integrations, so that what goes wrong between the two shows before anything is deployed. The compiled
// contract, contract.json, says what the routes are. [WebSocket] does the same for a WebSocket API.
//
// It follows API Gateway in: which route a path means; where the caller's identity is looked for and when that
// alone means 401; the events of TOKEN and REQUEST authorizers; what counts as a valid result of theirs; how
// long a result is cached, and that it then counts for every route of the stage; how the policy is
// evaluated, conditions and a resource policy included; the events and responses of proxy integrations (format
// 1.0); status, body and x-amzn-ErrorType of its own responses; CORS headers on these, and preflight.
//
// Some points that surprise people are the same here:
//   - a cached result counts for other routes and methods too, denials included; errors are not cached
//   - header names arrive as the client spelled them
//   - path parameters, the path and methodArn are as sent, percent-encoding and wildcards included; query
//     parameters are decoded
//   - one slash at the end of a path does not matter for the route, but stays in the path and in methodArn
//   - the time-out of the function itself gives 502, that of the integration 504
//   - an unknown route or method gives 403, not 404 or 405
//   - path and method are resolved together: with GET /a/{x} and POST /a/b, the call GET /a/b is routed to GET /a/{x}
//   - a route for IAM (awsSigv4) gives 403: nothing here checks signatures
//   - X-HTTP-Method-Override is obeyed
//
// Not settled by AWS's documentation, and chosen here: that errors are not cached; null in an authorizer's
// context returns 500; the validation expression need not match the whole token; of two headers of one name the
// last counts; the response to headers over 10 KB is 431, to a method ARN over 1600 bytes 414. Recorded events
// and responses of the real service settled the encodings, the slash at the end and the text of 413.
//
// What it does not do: API keys, usage plans and throttling; validation of parameters and bodies; mapping
// templates, mock integrations other than preflight; binary media types (a body is text, and
// isBase64Encoded in a response has no effect); stage variables, custom domains, mutual TLS, response
// caching, canaries, WAF; conditions on anything but time; HTTP APIs;
// TLS and HTTP/2, though events say that a call came by HTTPS on port 443. It is a tool for development and
// serves loopback only.
//
// The WebSocket API follows API Gateway in: the events of $connect, $default and $disconnect and of the authorizer; that only
// the handshake is authorized, without a cache; that what the authorizer found out is in every later event; the limits of
// 128 KB for a message, 10 minutes without one and 2 hours for a connection; text only; the management API (send, look up,
// close). Chosen here: the codes with which connections are closed, the bodies of refusals, that messages of one connection
// are handled one after the other, and that a reply is sent whenever the function returns a body. It has no routes but these
// three, checks no signature of the management API, and limits no frame (32 KB on AWS).
package gateway
