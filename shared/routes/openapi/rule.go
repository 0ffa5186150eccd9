package openapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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
		rule.AnyOf = append(rule.AnyOf, c.alternative(where, line, requirement))
	}
	if rule.Public {
		rule.AnyOf = nil
	}
	if err := rule.Check(); err != nil {
		c.refuseEach(line, where, err)
	}
	return rule
}

// alternative gives what one object of the list asks for, all of it. It refuses what it cannot ask for: the
// authorizer sees nothing but the token, so dropping the rest would open the route to any signed-in caller.
func (c *compiler) alternative(where string, line int, requirement openapi3.SecurityRequirement) routes.AllOf {
	var all routes.AllOf
	vague := "" // a scheme whose list of groups is empty
	token := false
	for _, name := range slices.Sorted(maps.Keys(requirement)) {
		listed, known := requirement[name], c.schemes[name]
		if listed == nil {
			c.refuse(line, "%s: %s lists nothing: write [] if any signed-in caller will do", where, name)
			token = true
			continue
		}
		if known == nil || known.Value == nil {
			c.refuse(line, "%s: there is no security scheme %q under components", where, name)
			token = true
			continue
		}
		switch s := known.Value; {
		case s.Type == "oauth2" || s.Type == "openIdConnect":
			c.checkProvider(where, line, name, s)
			all.Scopes = append(all.Scopes, listed...)
			token = true
		case s.Type == "http" && strings.EqualFold(s.Scheme, "bearer"):
			all.Groups = append(all.Groups, listed...)
			if len(listed) == 0 {
				vague = name
			}
		default:
			c.refuse(line, "%s: the authorizer cannot check the scheme %q, which is of type %s: "+
				"use a scheme of type openIdConnect or oauth2 for scopes, or http with scheme bearer for groups", where, name, typeOf(s))
			token = true
		}
	}
	if vague != "" && !token && len(all.Groups) == 0 {
		c.refuse(line, "%s: %s: [] asks for no group: name one, or, if any signed-in caller will do, "+
			"write [] for a scheme of type openIdConnect or oauth2", where, vague)
	}
	return all
}

// typeOf names the type of a scheme, with what tells http schemes apart.
func typeOf(s *openapi3.SecurityScheme) string {
	if s.Type == "http" {
		return fmt.Sprintf("http with scheme %q", s.Scheme)
	}
	return fmt.Sprintf("%q", s.Type)
}

// checkProvider refuses a second provider of tokens. The authorizer takes the tokens of the user pools that it
// is set up with, and cannot hold a route to some of them. Two schemes are of one provider when they name the
// same openIdConnectUrl, or the same URLs for tokens.
func (c *compiler) checkProvider(where string, line int, name string, s *openapi3.SecurityScheme) {
	provider := providerOf(name, s)
	if c.provider == "" {
		c.provider, c.providerScheme = provider, name
	}
	if provider != c.provider {
		c.refuse(line, "%s: the scheme %q names another provider than %q does, and the authorizer cannot tell their tokens apart: use %q, "+
			"or give both the same openIdConnectUrl or tokenUrl", where, name, c.providerScheme, c.providerScheme)
	}
}

// providerOf gives a text that is the same for schemes of one provider. A scheme that names none is like no
// other.
func providerOf(name string, s *openapi3.SecurityScheme) string {
	if s.Type == "openIdConnect" && s.OpenIdConnectUrl != "" {
		return "openIdConnect " + s.OpenIdConnectUrl
	}
	var urls []string
	if f := s.Flows; s.Type == "oauth2" && f != nil {
		for _, flow := range []*openapi3.OAuthFlow{f.Implicit, f.Password, f.ClientCredentials, f.AuthorizationCode} {
			if flow != nil {
				urls = append(urls, cmp.Or(flow.TokenURL, flow.AuthorizationURL))
			}
		}
	}
	slices.Sort(urls)
	if urls = slices.Compact(urls); len(urls) == 0 || urls[0] == "" {
		return "scheme " + name
	}
	return "oauth2 " + strings.Join(urls, " ")
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
	var conflict *routes.ConflictError
	if errors.As(err, &conflict) {
		return fmt.Errorf("%s: %w. %s in line %d, %s in line %d. "+
			"Rename or split one of them, give them the same rule, or cache answers by route (%s: route)",
			c.place(c.lines[conflict.Forbidden.String()]), err, conflict.Allowed, c.lines[conflict.Allowed.String()],
			conflict.Swallowed, c.lines[conflict.Swallowed.String()], cachingExtension)
	}
	var entangled *routes.TooComplexError
	if errors.As(err, &entangled) {
		return fmt.Errorf("%s: %w. %s in line %d. Use fewer parameters in one of them, or cache answers by route (%s: route)",
			c.place(c.lines[entangled.First.String()]), err, entangled.Second, c.lines[entangled.Second.String()], cachingExtension)
	}
	var oversize *routes.PolicyTooLargeError
	if errors.As(err, &oversize) {
		return fmt.Errorf("%s: %w. Split the API, or cache answers by route (%s: route)", c.file, err, cachingExtension)
	}
	return fmt.Errorf("%s: %w", c.file, err)
}
