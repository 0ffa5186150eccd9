package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// rule gives the rule that a list of security requirements states.
func (c *compiler) rule(where string, line int, requirements openapi3.SecurityRequirements) routes.Rule {
	rule := routes.Rule{Public: len(requirements) == 0}
	for _, requirement := range requirements {
		if len(requirement) == 0 {
			rule.Public = true // an empty object makes a token optional
			continue
		}
		var all routes.AllOf
		for _, scheme := range slices.Sorted(maps.Keys(requirement)) {
			names := requirement[scheme]
			switch {
			case names == nil:
				c.refuse(line, "%s: %s lists nothing: write [] if any signed-in caller will do", where, scheme)
			case c.schemes[scheme] == nil || c.schemes[scheme].Value == nil:
				c.refuse(line, "%s: there is no security scheme %q under components", where, scheme)
			case listsScopes(c.schemes[scheme].Value):
				all.Scopes = append(all.Scopes, names...)
			default:
				all.Groups = append(all.Groups, names...)
			}
		}
		rule.AnyOf = append(rule.AnyOf, all)
	}
	if rule.Public {
		rule.AnyOf = nil
	}
	if err := rule.Check(); err != nil {
		c.refuseEach(line, where, err)
	}
	return rule
}

func listsScopes(s *openapi3.SecurityScheme) bool {
	return s.Type == "oauth2" || s.Type == "openIdConnect"
}

// operationOf reads an operation that stands in an extension.
func operationOf(extension any) (*openapi3.Operation, error) {
	data, err := json.Marshal(extension)
	if err != nil {
		return nil, err
	}
	operation := &openapi3.Operation{}
	if err := operation.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	if fields, ok := extension.(map[string]any); ok && operation.Security == nil {
		if _, present := fields["security"]; present {
			return nil, errors.New("security is empty: write [] if the route is public")
		}
	}
	return operation, nil
}

// locate puts the file and line before each problem that the table has as a whole.
func (c *compiler) locate(err error) error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range several.Unwrap() {
			all = append(all, c.locate(e))
		}
		return errors.Join(all...)
	}
	var conflict *routes.Conflict
	if errors.As(err, &conflict) {
		return fmt.Errorf("%s: %w. %s in line %d, %s in line %d. "+
			"Rename or split one of them, give them the same rule, or cache answers by route (%s: route)",
			c.place(c.lines[conflict.Forbidden.String()]), err, conflict.Allowed, c.lines[conflict.Allowed.String()],
			conflict.Swallowed, c.lines[conflict.Swallowed.String()], cachingExtension)
	}
	var oversize *routes.Oversize
	if errors.As(err, &oversize) {
		return fmt.Errorf("%s: %w. Split the API, or cache answers by route (%s: route)", c.file, err, cachingExtension)
	}
	return fmt.Errorf("%s: %w", c.file, err)
}
