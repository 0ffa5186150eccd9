package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// ruleJSON is x-authorizer-rule: what a caller needs, independent of security schemes.
type ruleJSON struct {
	Access string         `json:"access"`           // public, token or iam
	AnyOf  []routes.AllOf `json:"any_of,omitempty"` // of token; an empty entry is any valid token
	APIKey bool           `json:"api_key,omitempty"`
	Text   string         `json:"text"` // the rule in words, for people
}

// IAMText is the rule of a route that API Gateway authorizes by IAM, in words.
const IAMText = "callers with an IAM signature"

// ruleOf returns the rule of an operation. Its text is that of the table, which cognito-authorizer routes prints.
func ruleOf(o *operation, table *routes.Table) ruleJSON {
	r := ruleJSON{Access: o.access.kind.String(), APIKey: o.access.key, Text: IAMText}
	if o.access.kind == tokenAccess {
		r.AnyOf = o.access.rule.AnyOf
	}
	if o.access.kind != iamAccess {
		route, _ := table.Find(o.method, o.template) // the table has every other operation
		r.Text = route.Rule.String()
	}
	return r
}

// encode writes contract.json. Equal documents give equal bytes.
func (c *compiler) encode(table *routes.Table) ([]byte, error) {
	paths := map[string]map[string]any{}
	for _, o := range c.operations {
		written := o.carried
		written["security"] = o.access.security
		written["x-authorizer-rule"] = ruleOf(o, table)
		written["responses"] = map[string]any{"default": map[string]string{"description": "See the API's own document"}}
		if paths[o.template] == nil {
			paths[o.template] = map[string]any{}
		}
		paths[o.template][o.verb] = written
	}
	scopes, groups := map[string]bool{}, map[string]bool{}
	rules := []routes.Rule{table.Connect()}
	for _, r := range table.Routes() {
		rules = append(rules, r.Rule)
	}
	for _, rule := range rules {
		for _, a := range rule.AnyOf {
			for _, s := range a.Scopes {
				scopes[s] = true
			}
			for _, g := range a.Groups {
				groups[g] = true
			}
		}
	}
	summary := map[string]any{"caching": "stage", "scopes": sortedKeys(scopes), "groups": sortedKeys(groups)}
	if table.Mode() == routes.PerRoute {
		summary["caching"] = "route"
	}
	if grants := table.Grants(); !grants.IsZero() {
		summary["grants"] = grants
	}
	if claims := table.ClaimNames(); len(claims) > 0 {
		summary["claims"] = claims
	}
	if connect := table.Connect(); connect.Public || len(connect.AnyOf) > 0 {
		rule := ruleJSON{Access: tokenAccess.String(), AnyOf: connect.AnyOf, Text: connect.String()}
		if connect.Public {
			rule.Access = publicAccess.String()
		}
		summary["connect"] = rule
	}
	info := c.root.get("info")
	document := map[string]any{
		"openapi":      "3.0.3",
		"info":         map[string]string{"title": info.get("title").text(), "version": scalarText(info.get("version"))},
		"paths":        paths,
		"x-authorizer": summary,
	}
	if schemes := c.usedSchemes(); len(schemes) > 0 {
		document["components"] = map[string]any{"securitySchemes": schemes}
	}
	maps.Copy(document, c.extensions)
	data, err := json.MarshalIndent(document, "", " ")
	return append(escaped(data), '\n'), err
}

// escaped returns JSON in ASCII. Some readers, such as Terraform, normalise Unicode, and would compute another digest.
func escaped(data []byte) []byte {
	made := make([]byte, 0, len(data))
	for _, r := range string(data) {
		switch {
		case r < utf8.RuneSelf:
			made = append(made, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			made = fmt.Appendf(made, `\u%04x\u%04x`, high, low)
		default:
			made = fmt.Appendf(made, `\u%04x`, r)
		}
	}
	return made
}

// scalarText returns a string, or a version that was written without quotes.
func scalarText(n *node) string {
	if n.is(number) {
		return n.value
	}
	return n.text()
}

func sortedKeys(set map[string]bool) []string {
	return append([]string{}, slices.Sorted(maps.Keys(set))...)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
