// Package contract compiles the OpenAPI document of an API into its route table and into contract.json, the plain
// JSON form of the document that everything but the build reads.
//
// It is the only reader of the document, because two readers of YAML would eventually disagree. It needs a YAML library, so it is only
// used at build time; other programs read contract.json.
//
// # What is read
//
// OpenAPI 3.0, 3.1 and 3.2, and Swagger 2.0; YAML or JSON. Of these only paths, security, security schemes,
// parameters and the extensions of API Gateway: examples, schemas of bodies and external $refs are
// neither loaded nor checked. host, servers and basePath are ignored, as in an import to API Gateway, which ignores the base path
// by default.
//
// Anchors, aliases and merge keys are resolved as YAML defines. A duplicate key is refused, and so is a merged key whose value differs
// from the mapping's own or from another merged one, because YAML readers disagree on which value applies.
//
// OpenAPI Overlays change a document that must not be edited. As their specification demands, updates append to lists: to replace a
// security list, remove it in one action and add the new one in the next.
//
// # Bounds
//
// What a document costs is bounded by its size, also where it refers to one value many times: by aliases, merge keys, $ref, a security
// list, or the targets of overlays. A document that asks for more is refused with the bound that it passes. It has at most 5,000
// operations, and a security list at most 256 entries.
//
// # The steps
//
//	read.go, yaml.go, json.go   text → tree of nodes with positions
//	overlay.go, target.go       the changes that OpenAPI Overlays make to the tree, and the targets of their actions
//	document.go, operation.go   paths and operations
//	parameter.go                parameters: for forms, and which values their schemas exclude
//	scheme.go, security.go      security → rules
//	claim.go                    rules about claims, owners and the sign-in; granted scopes
//	extension.go                extensions of API Gateway: carried or refused
//	output.go                   contract.json
//	check.go                    the stage policies and the proof
//	finding.go                  errors, warnings and notes, grouped
package contract
