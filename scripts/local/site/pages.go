package site

import (
	"errors"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// Pages are the page twice: at the API's own origin, and at another one.
type Pages struct {
	Same  *Page // with the API under /api/
	Cross *Page // calls the stage by its own address
}

// ListenTwice listens on two addresses as [Listen] does, on both or neither.
func ListenTwice(same, cross string) (*Pages, error) {
	var p Pages
	var err error
	if p.Same, err = Listen(same); err != nil {
		return nil, err
	}
	if p.Cross, err = Listen(cross); err != nil {
		return nil, errors.Join(err, p.Same.Close())
	}
	return &p, nil
}

// CallbackURLs returns the addresses to which managed login may redirect a browser.
func (p *Pages) CallbackURLs() []string { return []string{p.Same.Address(), p.Cross.Address()} }

// Serve serves both for a stack whose options name [Pages.CallbackURLs] and, among the allowed origins, that of
// Cross.
func (p *Pages) Serve(root string, s *stack.Stack) error {
	config := ConfigOf(s)
	cross := Content{Root: root, Config: config, Contract: s.ContractJSON}
	config.APIURL = apiPrefix
	same := Content{Root: root, Config: config, Contract: s.ContractJSON, Stage: s.Gateway.URL()}
	return errors.Join(p.Same.Serve(same), p.Cross.Serve(cross))
}

// ConfigOf returns the configuration of a page that calls the stage by its own address.
func ConfigOf(s *stack.Stack) Config {
	return Config{
		Issuer: s.Cognito.Issuer(), ClientID: s.Cognito.WebClientID(), LoginURL: s.Cognito.URL(),
		// As deployed: who gets a scope at the sign-in page gets it for the asking, so that it can tell nobody apart.
		Scopes: []string{"openid"}, APIURL: s.Gateway.URL(),
	}
}

// Close stops both.
func (p *Pages) Close() error { return errors.Join(p.Same.Close(), p.Cross.Close()) }
