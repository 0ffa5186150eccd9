package fakecognito

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// resourceServer is the identifier of the pool's resource server, and resourceScopes are its scopes unless the options name others.
const resourceServer = "api"

var resourceScopes = []string{resourceServer + "/users.read", resourceServer + "/users.write"}

// pool is the user pool: everything behind mu.
type pool struct {
	Options
	id     string
	issuer string
	// nobodySalt makes the answers to a name that does not exist as steady as those to one that does.
	nobodySalt []byte

	web, confidential, machine *client // read only

	delivery sync.Mutex // one message at a time, and never under mu: an Outbox may well call the pool

	mu       sync.Mutex
	keys     *keyring
	users    map[string]*user                 // by user name, in lower case
	groups   map[string]map[*user]bool        // members, by name of the group
	attempts map[string]*attempt              // sign-ins under way, by Session
	sessions map[string]*session              // sign-ins that succeeded, by origin_jti
	refresh  map[[sha256.Size]byte]*refresher // by hash of the refresh token
	codes    map[[sha256.Size]byte]*authorizationCode
	browsers map[[sha256.Size]byte]*browser // signed in at the page, by hash of the cookie
	posted   []Message                      // to be delivered once mu is free
}

func newPool(o Options, url string) (*pool, error) {
	id := o.Region + "_" + randomString(9)
	keys, err := newKeyring(max(o.AccessTokenValidity, o.IDTokenValidity), o.Now())
	if err != nil {
		return nil, err
	}
	p := &pool{
		Options:    o,
		id:         id,
		issuer:     url + "/" + id,
		nobodySalt: randomBytes(32),
		keys:       keys,
		users:      map[string]*user{},
		groups:     map[string]map[*user]bool{},
		attempts:   map[string]*attempt{},
		sessions:   map[string]*session{},
		refresh:    map[[sha256.Size]byte]*refresher{},
		codes:      map[[sha256.Size]byte]*authorizationCode{},
		browsers:   map[[sha256.Size]byte]*browser{},
	}
	p.makeClients()
	return p, nil
}

// do runs call with the pool locked, and then delivers what it posted.
func (p *pool) do(call func() (any, error)) (any, error) {
	out, messages, err := func() (any, []Message, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		out, err := call()
		messages := p.posted
		p.posted = nil
		return out, messages, err
	}()
	if p.Outbox != nil && len(messages) > 0 {
		p.delivery.Lock()
		defer p.delivery.Unlock()
		for _, m := range messages {
			p.Outbox(m)
		}
	}
	return out, err
}

// keySet returns the key set document of the moment.
func (p *pool) keySet() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fakepool.KeySet(p.keys.published(p.Now())...)
}

// checkPool refuses another pool's id.
func (p *pool) checkPool(id string) error {
	if err := required("userPoolId", id); err != nil {
		return err
	}
	if id != p.id {
		return fail("ResourceNotFoundException", "User pool %s does not exist.", id)
	}
	return nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the program would have ended
	return b
}

// randomString is n letters and digits.
func randomString(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var b strings.Builder
	for b.Len() < n {
		if i := randomBytes(1)[0] & 63; int(i) < len(alphabet) {
			b.WriteByte(alphabet[i])
		}
	}
	return b.String()
}

// randomToken is an unguessable opaque string.
func randomToken() string { return base64.RawURLEncoding.EncodeToString(randomBytes(96)) }
