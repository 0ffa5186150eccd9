// Package stagepolicy makes policies of a route table: everything that one caller may call at a stage, as one policy.
//
// # The problem
//
// API Gateway caches what an authorizer returns, and replays it for every other route of the stage. So a policy must be
// right for every route, not only for the one that was called. IAM's patterns make that hard: "*" matches any string, with
// slashes in it, and a Deny always wins. The policy must also fit into 8 KB.
//
//	GET /orders/{id}          any signed-in caller
//	GET /orders/{id}/secrets  group g
//
// Somebody without the group may call /orders/7. The Allow for it is GET/orders/*, which also matches
// /orders/7/secrets. So a Deny has to exclude that path again:
//
//	Allow  GET/orders/*
//	Deny   GET/orders/*/*        no order ID holds a slash
//	Deny   */*/  *//*            paths with an empty segment, such as /orders/
//	Deny   DELETE/*  POST/*  …   methods under which nothing is allowed
//
// The Allow is one pattern a route. The rest is the search for Denies.
//
// # Safe
//
// A Deny is safe if it reaches no route that is allowed to the caller. Only safe Denies are ever used, so what an Allow
// grants is never taken back. Every other property follows from two requirements:
//
//   - required: each call to a forbidden route that some Allow covers is covered by a Deny ([ConflictError] if no safe Deny
//     exists);
//   - wanted: each other call that is not allowed is denied explicitly wherever a safe Deny exists, since an implicit denial
//     loses to a resource policy that allows.
//
// # The search
//
// Whether a pattern reaches a route cannot be read off the two strings, since API Gateway's precedence decides: GET/users/me
// matches the template /users/{id}, but where /users/me is a route of its own, no such call is routed to /users/{id}. So the
// search (search.go) goes down the tree of routes and along the pattern at the same time, and keeps, as the routing state,
// the nodes at which API Gateway might be, in the order of precedence:
//
//	pattern   GET / orders / *          tree    GET
//	                       │                     └ orders
//	                       └ position ──────────────├ latest
//	                                                └ {id}
//	                                                   └ secrets
//
// A call is written as a pattern whose "*" are segments that no route mentions. Two positions with the same node, the same
// routing state and the same place in the pattern have the same future, so each is visited once. Where calls are asked
// for, one that a wider call covers is left out.
//
// The work is bounded: see maxSteps. Tables of more than that ([TooComplexError]) have dozens of nested parameters. The
// number of steps depends on the table and the class alone, never on what was worked out before, so a policy that could be
// made at build time can be made in the Lambda.
//
// # When it does not fit
//
// The forms of a policy, in the order in which they are tried (see [Form]):
//
//	exact      one Allow a route, Denies for everything else
//	shortened  Denies that share a beginning become one       GET/admin/*, GET/adm-tools → GET/ad*
//	unbounded  no Denies that keep a parameter to one segment
//	compacted  Allows and Denies that share their beginning, their end or all methods become one: a weighted set cover
//	           (compact.go), in which a pattern is a candidate only if it reaches no route with the other result
//	prefixed   and Allows that begin alike become one, within a segment too    GET/bundles, GET/bundles/* → GET/bundles*
//
// In every form each route of the contract gets the table's result. Forms other than the first two allow paths outside of the
// contract, which [Planner.Check] reports.
//
// # The caller's own values
//
// Where a path parameter must equal a claim, a policy holds the caller's values. So that callers share plans, a plan holds symbols
// in their place (own.go): all values that the same claims have are one symbol, {0}, and a value that is a literal somewhere in the
// table stands for itself. For the search the parameter then exists twice in the tree, as the parameter and as the literal {0},
// with all that is below it. To the caller /users/{0} is allowed and /users/{id} is not, like any two routes:
//
//	Allow  GET/users/{0}         becomes  GET/users/3f2e77
//
// No Deny covers /users/{id}, since it would reach /users/{0}: others' items are denied implicitly. Values are put in last
// (template.go), with the times at which the sign-in gets too old for a rule. For these there is one plan for each period
// between two times; see statementsOf. What does not fit is left out (caller.go), see [Policy.Closed].
//
// # Glossary
//
//	alternative  one set of grants that satisfies a rule
//	call         a pattern without wildcards: its "*" are segments that no route mentions
//	class        all callers for whom the rules have the same results
//	cover        a pattern covers another if it matches every string that the other matches
//	endpoint     a route under one method; a route for ANY has several
//	exposed      an allowed route whose every pattern reaches a forbidden one, so that it needs Denies beside its Allow
//	grant        what some rule asks of a token: a scope, a group, a claim, a value, the age of a sign-in
//	greedy       a route whose last segment is {name+}, which stands for the rest of the path
//	pattern      METHOD/PATH with "*", the part of a resource behind the stage, cut at its slashes into tokens
//	plan         the patterns for a class, without the ARN and without the time
//	reach        a pattern reaches an endpoint if it matches some call that API Gateway routes there
//	layers       the plans of a caller for the periods until rights end, one after another
//	safe         of a Deny: it reaches no allowed route
//	symbol       a token that stands for values of the caller
package stagepolicy
