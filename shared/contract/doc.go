// Package contract compiles the OpenAPI document of an API into its route table and into contract.json, the plain
// JSON form of the document that everything but the build reads.
//
// It is the only reader of the document, since two readers of YAML differ sooner or later. It links a YAML library,
// so it is for build time; other programs read contract.json.
//
// # What is read
//
// OpenAPI 3.0, 3.1 and 3.2, and Swagger 2.0; YAML or JSON. Of these only paths, security, security schemes,
// parameters and the extensions of API Gateway: examples, the schemas of bodies and whatever an external $ref names are
// neither loaded nor checked. host, servers and basePath are left out, as in an import to API Gateway, whose default for the
// base path is "ignore".
//
// Anchors, aliases and merge keys are resolved by the rules of YAML. A key given twice is refused, and so is a merged
// key whose value differs from the mapping's own or from another merged one: readers of YAML disagree on which counts.
//
// OpenAPI Overlays change a document that must not be edited. Lists merge by appending, as their specification has it:
// to replace a security list, remove it in one action and add the new one in the next.
//
// # The steps
//
//	read.go, yaml.go, json.go   text → tree of nodes with positions
//	overlay.go                  the changes that OpenAPI Overlays make to the tree
//	document.go, operation.go   paths and operations
//	parameter.go                parameters: for forms, and what their schemas rule out
//	scheme.go, security.go      what security means: rules
//	extension.go                extensions of API Gateway: carried or refused
//	output.go                   contract.json
//	check.go                    the stage policies and the proof
//	finding.go                  errors, warnings and notes, grouped
package contract
