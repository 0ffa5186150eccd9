package contract

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// Result is the result of compiling a document.
type Result struct {
	Table    *routes.Table
	Contract []byte    // contract.json
	Digest   string    // SHA-256 of Contract in lower-case hex, as Table carries it
	Findings []Finding // warnings and notes, in the order of their lines

	Documents []Document // that were read: the API's own, then the overlays

	// Classes counts the classes of callers that were proved, and Decided those of them for which every path was decided; the
	// others were checked by examples. Both are zero after Read, which proves nothing.
	Classes, Decided int

	positions map[string]position // of the routes
}

// Warnings returns the warnings among the findings, one line each.
func (r *Result) Warnings() []string {
	var all []string
	for _, f := range r.Findings {
		if f.Severity == SeverityWarning {
			all = append(all, f.String())
		}
	}
	return all
}

// Compile reads the OpenAPI document at a path, applies overlays in order, and returns its route table and contract.json, after proving
// that the policies of the table are correct for every class of callers. An overlay is an
// OpenAPI Overlay of version 1.0 or 1.1, https://spec.openapis.org/overlay/latest.html
//
// The error is one of the file system, or an [*Error] with all findings.
func Compile(path string, overlays ...string) (*Result, error) {
	return CompileFor(stagepolicy.Deployment{}, path, overlays...)
}

// CompileFor is Compile for a stage of which something is known: its name decides how much fits into a policy.
func CompileFor(d stagepolicy.Deployment, path string, overlays ...string) (*Result, error) {
	result, err := Read(path, overlays...)
	if err != nil {
		return nil, err
	}
	if err := result.prove(path, d); err != nil {
		return nil, err
	}
	return result, nil
}

// Read is like Compile without the checks and the proof of the stage policies. It may return a table that no policy can express.
func Read(path string, overlays ...string) (*Result, error) {
	c := &compiler{file: path, byKey: map[string]*found{}, schemes: map[string]*scheme{}, positions: map[string]position{}, extents: extents{}}
	root, err := c.readFile(path)
	if err != nil {
		return nil, err
	}
	for _, file := range overlays {
		overlay, err := c.readFile(file)
		if err != nil {
			return nil, err
		}
		if root != nil && overlay != nil {
			root = c.overlay(root, overlay)
		}
	}
	var result *Result
	if root != nil && !c.refused {
		result = c.compile(root)
	}
	if c.refused {
		return nil, &Error{c.findings()}
	}
	result.Findings = c.findings()
	result.Documents = c.documents
	return result, nil
}

// Document is a file that was read.
type Document struct {
	Path   string
	SHA256 string // of its bytes, in lower-case hex
}

// compiler holds the state of one compilation.
type compiler struct {
	file    string
	found   []*found
	byKey   map[string]*found
	refused bool

	documents  []Document
	deployment stagepolicy.Deployment // that policies are sized for
	root       *node
	swagger    bool // version 2.0
	schemes    map[string]*scheme
	used       []*scheme // of tokens, in the order in which rules name them
	unsecured  bool      // operations without security are public
	positions  map[string]position
	shapes     map[string]string // shape of a route → the first route with it

	routes     []routes.Route
	operations []*operation // of contract.json, in the order of routes, and those for IAM
	extents    extents
	steps      int       // that actions of overlays took
	read       extent    // of what was read through $ref or is copied to contract.json
	count      int       // of operations, also of those that were refused
	granted    []granted // scopes, in the order of the document
	guarded    bool      // some route needs a token
	extensions map[string]any
}

var version3 = regexp.MustCompile(`^3\.[012](\.[0-9]+)?(-.*)?$`)

func (c *compiler) compile(root *node) *Result {
	c.root = root
	if !c.version() {
		return nil
	}
	known := []string{"openapi", "swagger", "info", "servers", "paths", "webhooks", "components", "security", "tags", "externalDocs",
		"jsonSchemaDialect", "$self", "host", "basePath", "schemes", "consumes", "produces", "definitions", "parameters", "responses", "securityDefinitions"}
	c.checkKeys(root, "", known, []string{"security", "paths", "components", "securityDefinitions"})
	c.readSchemes()
	o := routes.Options{Mode: c.mode()}
	o.Grants = c.readGrants()
	c.readUnsecured()
	c.readExtensions()
	standard := c.standard()
	c.readPaths(standard)
	if len(c.operations) == 0 && !c.refused {
		c.refuse("no-operation", root.at, "", "the document describes no operation", "Add one under paths")
	}
	if standard != nil && standard.ok && standard.kind != iamAccess {
		o.Connect = c.connectRule(standard)
	}
	c.checkPools()
	c.checkGrants(o.Connect)
	if c.refused {
		return nil
	}
	if len(c.routes) == 0 {
		c.refuse("nothing-to-authorize", root.at, "", "every route is authorized by IAM: there is nothing for this authorizer to decide", "Deploy the API without it")
		return nil
	}
	if !c.guarded {
		c.warn("nothing-to-authorize", root.at, "", "no route needs a token", "Give the routes to protect a security list")
	}
	return c.finish(o)
}

// finish builds contract.json and the table, which carries its digest.
func (c *compiler) finish(o routes.Options) *Result {
	table, err := routes.New(c.routes, o)
	if err != nil { // each route was checked before
		c.refuseFor("table", position{file: c.file}, "", err, "")
		return nil
	}
	result := &Result{positions: c.positions}
	if result.Contract, err = c.encode(table); err != nil {
		c.refuseFor("output", position{file: c.file}, "", err, "")
		return nil
	}
	result.Digest = digest(result.Contract)
	o.ContractDigest = result.Digest
	if result.Table, err = routes.New(c.routes, o); err != nil {
		c.refuseFor("table", position{file: c.file}, "", err, "")
	}
	return result
}

func (c *compiler) version() bool {
	name, want := "openapi", `"3.0.3", "3.1.1" or "3.2.0"`
	n := c.root.get(name)
	if n == nil {
		if n = c.root.get("swagger"); n == nil {
			c.refuse("version", c.root.at, "", `the document has neither "openapi" nor "swagger"`, "Name an OpenAPI document")
			return false
		}
		c.swagger, name, want = true, "swagger", `"2.0"`
	}
	switch {
	case n.kind == number:
		c.refuse("version", n.at, "", fmt.Sprintf("%s: %s is a number", name, n.value), fmt.Sprintf(`Quote it: %s: "%s"`, name, n.value))
	case c.swagger && n.text() == "2.0", !c.swagger && version3.MatchString(n.text()):
		return true
	case n.kind != text:
		c.refuse("version", n.at, "", fmt.Sprintf("%s is %s", name, n.kind), "Write "+want)
	default:
		c.refuse("version", n.at, "", fmt.Sprintf("%s %s is not supported", name, short(n.value)), "Write "+want)
	}
	return false
}

// checkKeys refuses keys that look like misspelled versions of the keys that matter: without it "securty" would silently be no rule, and
// "GET" no operation. Other unknown keys are ignored.
func (c *compiler) checkKeys(n *node, route string, known, matter []string) {
	for _, m := range n.members {
		if slices.Contains(known, m.name) {
			continue
		}
		plain := strings.ToLower(strings.TrimSpace(m.name))
		for _, k := range matter {
			most := 1
			if len(k) > 6 {
				most = 2
			}
			if distance(plain, k) <= most && !strings.HasPrefix(plain, "x-") {
				c.refuse("unknown-key", m.at, route, fmt.Sprintf("%s is not a key that OpenAPI has here", short(m.name)), fmt.Sprintf("Write %q", k))
				break
			}
		}
		place := ""
		if n == c.root {
			place = "document"
		}
		c.checkOwn(m, route, place)
	}
}

// ours holds the extensions of this project, with the places where each is read.
var ours = map[string]string{
	"x-authorizer-caching": "document", "x-authorizer-unsecured": "document",
	"x-authorizer-grants": "document",
	extToken:              "scheme", "x-authorizer-pool": "scheme", extClaim: "scheme", extOwner: "scheme", extMaxAge: "scheme",
}

// checkOwn refuses unknown x-authorizer extensions, and known ones in a place where nothing reads them: none may be ignored. The
// place is "document", "scheme" or another.
func (c *compiler) checkOwn(m member, route, place string) {
	if !strings.HasPrefix(strings.ToLower(m.name), "x-authorizer") {
		return
	}
	switch where, known := ours[m.name]; {
	case !known:
		c.refuse("unknown-key", m.at, route, fmt.Sprintf("%s is not an extension of this authorizer", short(m.name)),
			"Known are "+strings.Join(slices.Sorted(maps.Keys(ours)), ", "))
	case where != place && where == "scheme":
		c.refuse("unknown-key", m.at, route, m.name+" has no meaning here", "Write it at a security scheme, and name that scheme in security")
	case where != place:
		c.refuse("unknown-key", m.at, route, m.name+" has no meaning here", "Write it at the top of the document")
	}
}

// distance returns the edit distance of two strings, in bytes; a transposition counts as two.
func distance(a, b string) int {
	if len(a) > len(b)+2 || len(b) > len(a)+2 {
		return 3
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

func (c *compiler) mode() routes.Mode {
	n := c.root.get("x-authorizer-caching")
	switch {
	case n == nil || n.text() == "stage":
	case n.text() == "route":
		return routes.PerRoute
	default:
		c.refuse("caching", n.at, "", "x-authorizer-caching has an unknown value", `Write "stage" or "route"`)
	}
	return routes.PerStage
}

func (c *compiler) readUnsecured() {
	n := c.root.get("x-authorizer-unsecured")
	if n == nil {
		return
	}
	if c.unsecured = n.text() == "public"; !c.unsecured {
		c.refuse("unsecured", n.at, "", "x-authorizer-unsecured has an unknown value", `Write "public", or leave it out to refuse operations without security`)
	}
}

// standard returns the meaning of the document's own security, or nil if it has none. Errors in it are reported for the operations that
// inherit it.
func (c *compiler) standard() *access {
	m := c.root.member("security")
	if m == nil {
		return nil
	}
	a := c.access(m.value, "")
	return &a
}

// Bounds on the values that are read through $ref or copied to contract.json, with what they contain. A document can refer to one
// large value from each operation.
const (
	maxRead      = 1 << 20
	maxReadBytes = 64 << 20
)

var tooMuchRead = fmt.Sprintf("what is read through $ref, and what contract.json keeps, is more than %d values or %d MiB", maxRead, maxReadBytes>>20)

const tooMuchReadWayOut = "Shorten the lists of values that parameters allow, and the extensions of operations, or split the API"

// mayRead counts a value, and reports whether the bounds allow it.
func (c *compiler) mayRead(n *node) bool {
	e := c.extents.of(n)
	c.read.nodes += e.nodes
	c.read.bytes += e.bytes
	return c.read.nodes <= maxRead && c.read.bytes <= maxReadBytes
}

var errExternal = errors.New("it refers to another file")

// resolve follows $ref within the document. For a reference to another file it returns [errExternal].
func (c *compiler) resolve(n *node) (*node, error) {
	for range 32 {
		if n == nil {
			return nil, errors.New("it refers to nothing")
		}
		ref := n.get("$ref")
		if ref == nil {
			return n, nil
		}
		if ref.kind != text {
			return nil, errors.New("$ref is not a string")
		}
		pointer, ok := strings.CutPrefix(ref.value, "#")
		if !ok {
			return nil, fmt.Errorf("%w, %s", errExternal, short(ref.value))
		}
		at := c.root
		if pointer != "" {
			for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
				if plain, err := url.PathUnescape(part); err == nil {
					part = plain
				}
				at = at.get(strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~"))
			}
		}
		if at == nil {
			return nil, fmt.Errorf("$ref %s refers to nothing", short(ref.value))
		}
		if !c.mayRead(at) {
			c.refuse("too-large", ref.at, "", tooMuchRead, tooMuchReadWayOut)
			return nil, errors.New("the document is too large")
		}
		n = at
	}
	return nil, errors.New("$ref leads through more than 32 references")
}
