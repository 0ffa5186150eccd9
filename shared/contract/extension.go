package contract

import (
	"fmt"
	"slices"
	"strings"
)

// The extensions of API Gateway that mean something here.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
const (
	extAnyMethod   = "x-amazon-apigateway-any-method"
	extAuth        = "x-amazon-apigateway-auth"
	extAuthtype    = "x-amazon-apigateway-authtype"
	extAuthorizer  = "x-amazon-apigateway-authorizer"
	extIntegration = "x-amazon-apigateway-integration"
)

// carried are the extensions at the top of a document that contract.json keeps.
var carried = []string{
	"x-amazon-apigateway-api-key-source", "x-amazon-apigateway-binary-media-types", "x-amazon-apigateway-gateway-responses",
	"x-amazon-apigateway-minimum-compression-size", "x-amazon-apigateway-request-validators", "x-amazon-apigateway-request-validator",
}

// leftOut are those without a meaning for an API that is deployed with this authorizer, and why.
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

// readExtensions takes the extensions at the top of the document: each is carried, left out with a note, or refused by
// name.
func (c *compiler) readExtensions() {
	c.extensions = map[string]any{}
	for _, m := range c.root.members {
		switch {
		case !strings.HasPrefix(m.name, "x-amazon-apigateway-"):
		case slices.Contains(carried, m.name):
			c.extensions[m.name] = m.value.plain()
		case m.name == "x-amazon-apigateway-policy":
			c.refuse("extension", m.at, "", "a resource policy in the document could undo what the authorizer denies", "Remove it, and give it to the deployment, which checks it")
		case leftOut[m.name] != "":
			c.note("extension", m.at, "", m.name+" is left out: "+leftOut[m.name], "")
		default:
			c.refuse("extension", m.at, "", fmt.Sprintf("%s is not known, so what it would change is not known either", short(m.name)), "Remove it")
		}
	}
}

// carriedBy returns the extensions of an operation that contract.json keeps.
func carriedBy(n *node) map[string]any {
	all := map[string]any{}
	for _, m := range n.members {
		if strings.HasPrefix(m.name, "x-amazon-apigateway-") && m.name != extAuth {
			all[m.name] = m.value.plain()
		}
	}
	return all
}
