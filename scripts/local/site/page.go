package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/ownhost"
)

// Page is the page at one origin.
type Page struct {
	listener net.Listener
	server   *http.Server
}

// Content is what a page serves. A field without a stated default is required.
type Content struct {
	Root     string // the repository
	Config   Config // served as /config.json
	Contract []byte // contract.json of the build, served as it is
	Stage    string // address of the API's stage, to be served under /api/; if empty, nothing is
}

// Config is the page's configuration. functions/api/site/config.js reads it, and docs/site.md
// describes it. No field is a secret.
type Config struct {
	Issuer   string   `json:"issuer"`   // exact iss of the pool's tokens
	ClientID string   `json:"clientId"` // app client without a secret, whose callback and sign-out URLs hold [Page.Address]
	LoginURL string   `json:"loginUrl"` // managed login, without a slash at its end
	Scopes   []string `json:"scopes"`   // to ask for; openid must be one
	APIURL   string   `json:"apiUrl"`   // /api, or the address of the stage
}

// Listen listens on an address, so that it can be passed on before the page is ready. Requests wait until [Page.Serve]. The
// address is host:port on loopback; if empty, 127.0.0.1 and a port that the system chooses.
func Listen(address string) (*Page, error) {
	address = cmp.Or(address, "127.0.0.1:0")
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && !ip.IsLoopback() {
		return nil, fmt.Errorf("address of the page %q: it must be host:port on loopback, such as 127.0.0.1:8081", address)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	return &Page{listener: listener}, nil
}

// Origin returns the page's origin, as a browser sends it.
func (p *Page) Origin() string { return "http://" + p.listener.Addr().String() }

// Address returns the page's address, which is also its callback URL.
func (p *Page) Address() string { return p.Origin() + "/" }

// Serve serves the page until [Page.Close]. The error names what is wrong with the content. It may be called once.
func (p *Page) Serve(c Content) error {
	h := &handler{files: filesOf(c.Root), contract: c.Contract, config: c.Config}
	if len(c.Contract) == 0 {
		return errors.New("the page: there is no contract to show")
	}
	var err error
	if _, err := fs.Stat(h.files, "index.html"); err != nil {
		return fmt.Errorf("the page: %w", err)
	}
	if h.policy, err = policyOf(c.Config); err != nil {
		return err
	}
	if c.Stage != "" {
		stage, err := url.Parse(c.Stage)
		if err != nil {
			return fmt.Errorf("the page: address of the stage: %w", err)
		}
		h.api = apiProxy(stage)
	}
	p.server = &http.Server{Handler: ownhost.Only(p.listener.Addr(), h), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute}
	go func() { _ = p.server.Serve(p.listener) }() // ends by Close
	return nil
}

// Close stops serving. It may be called more than once, and before Serve.
func (p *Page) Close() error {
	if p.server != nil {
		return p.server.Close()
	}
	if err := p.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
