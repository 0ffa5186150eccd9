package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The extensions of API Gateway that affect authorization.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
const (
	extAnyMethod   = "x-amazon-apigateway-any-method"
	extAuth        = "x-amazon-apigateway-auth"
	extAuthtype    = "x-amazon-apigateway-authtype"
	extAuthorizer  = "x-amazon-apigateway-authorizer"
	extIntegration = "x-amazon-apigateway-integration"
	extKeySource   = "x-amazon-apigateway-api-key-source"
	extValidator   = "x-amazon-apigateway-request-validator"
)

// carried are the extensions at the top of a document that contract.json keeps.
var carried = []string{
	extKeySource, "x-amazon-apigateway-binary-media-types", "x-amazon-apigateway-gateway-responses",
	"x-amazon-apigateway-minimum-compression-size", "x-amazon-apigateway-request-validators", extValidator,
}

// leftOut are the extensions without effect on an API that is deployed with this authorizer, with the reason.
var leftOut = map[string]string{
	"x-amazon-apigateway-documentation":                "it documents the API only",
	"x-amazon-apigateway-importexport-version":         "it is about the export",
	"x-amazon-apigateway-cors":                         "CORS is a setting of the deployment",
	"x-amazon-apigateway-endpoint-configuration":       "the endpoint is a setting of the deployment",
	"x-amazon-apigateway-integrations":                 "integrations are carried where an operation names one",
	"x-amazon-apigateway-security-policy":              "TLS is a setting of the deployment",
	"x-amazon-apigateway-endpoint-access-mode":         "the endpoint is a setting of the deployment",
	"x-amazon-apigateway-tag-value":                    "tags are a setting of the deployment",
	"x-amazon-apigateway-routing-mode":                 "routing rules are a setting of the domain",
	"x-amazon-apigateway-disable-execute-api-endpoint": "the endpoint is a setting of the deployment",
}

// isGatewayExtension reports whether a key is an extension of API Gateway, in whatever case: one that is written in upper case is
// refused by name rather than ignored.
func isGatewayExtension(name string) bool {
	return strings.HasPrefix(strings.ToLower(name), "x-amazon-apigateway-")
}

// readExtensions reads the extensions at the top of the document. Each is kept, left out with a note, or refused by name.
func (c *compiler) readExtensions() {
	c.extensions = map[string]any{}
	for _, m := range c.root.members {
		switch {
		case !isGatewayExtension(m.name):
		case m.name == extKeySource && strings.EqualFold(m.value.text(), "AUTHORIZER"):
			c.refuse("extension", m.at, "", extKeySource+" is AUTHORIZER, but this authorizer returns no key of a usage plan", "Write HEADER, or remove it")
		case slices.Contains(carried, m.name):
			if slices.ContainsFunc(m.value.members, func(v member) bool { return v.value.get("validateRequestBody").isTrue() }) {
				c.warn("extension", m.at, "", m.name+" validates bodies, but schemas are not read: API Gateway will let every body through", "Validate bodies in the backend")
			}
			c.carryInto(c.extensions, m, "")
		case m.name == "x-amazon-apigateway-policy":
			c.refuse("extension", m.at, "", "a resource policy in the document could undo what the authorizer denies", "Remove it, and give it to the deployment, which checks it")
		case leftOut[m.name] != "":
			c.note("extension", m.at, "", m.name+" is left out: "+leftOut[m.name], "")
		default:
			c.refuse("extension", m.at, "", fmt.Sprintf("%s is not known, so what it would change is not known either", short(m.name)), "Remove it")
		}
	}
}

// carriedBy returns the extensions of an operation that contract.json keeps. It refuses unknown ones.
func (c *compiler) carriedBy(n *node, route string) map[string]any {
	all := map[string]any{}
	for _, m := range n.members {
		switch m.name {
		case extAuth:
		case extIntegration, extValidator:
			if usesFunctions(m.value) {
				c.warn("cloudformation", m.at, route, m.name+" uses functions of CloudFormation, which nothing resolves here: it is left out",
					"If the route needs it, export the deployed API: aws apigateway get-export")
				continue
			}
			c.carryInto(all, m, route)
		default:
			c.checkLost(m, route, "at an operation")
		}
	}
	return all
}

// checkLost refuses an extension of API Gateway in a place where contract.json cannot keep it.
func (c *compiler) checkLost(m member, route, where string) {
	if isGatewayExtension(m.name) {
		c.refuse("extension", m.at, route, fmt.Sprintf("%s is not known %s, so it would be lost", short(m.name), where), "Correct the name, or remove it")
	}
}

// carryInto keeps an extension unchanged, or refuses it.
func (c *compiler) carryInto(all map[string]any, m member, route string) {
	if !c.mayRead(m.value) {
		c.refuse("too-large", m.at, route, tooMuchRead, tooMuchReadWayOut)
		return
	}
	value, err := carry(m.value)
	if err != nil {
		c.refuseFor("extension", m.at, route, fmt.Errorf("%s: %w", m.name, err), "Write the value itself")
		return
	}
	all[m.name] = value
}

// carry returns a value for encoding/json. Numbers keep the form in which they were written.
func carry(n *node) (any, error) {
	var err error
	switch n.kind {
	case number:
		return json.Number(n.value), nil
	case list:
		all := make([]any, len(n.items))
		for i, item := range n.items {
			if all[i], err = carry(item); err != nil {
				return nil, err
			}
		}
		return all, nil
	case object:
		all := make(map[string]any, len(n.members))
		for _, m := range n.members {
			if all[m.name], err = carry(m.value); err != nil {
				return nil, err
			}
		}
		return all, nil
	case tagged:
		return nil, fmt.Errorf("line %d: the tag %s has no meaning here", n.at.line, short(n.value))
	case boolean:
		return n.value == "true", nil
	case text:
		return n.value, nil
	}
	return nil, nil
}

// usesFunctions reports whether a value contains CloudFormation functions, in short or long form.
func usesFunctions(n *node) bool {
	return n.kind == tagged || slices.ContainsFunc(n.items, usesFunctions) || slices.ContainsFunc(n.members, func(m member) bool {
		return strings.HasPrefix(m.name, "Fn::") || m.name == "Ref" && len(n.members) == 1 || usesFunctions(m.value)
	})
}
