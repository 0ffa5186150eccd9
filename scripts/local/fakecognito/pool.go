package fakecognito

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"

	"github.com/cognito-authorizer/cognito-authorizer/shared/fakepool"
)

// resourceServer is the identifier of the pool's resource server. resourceScopes are its scopes unless the options set others.
const resourceServer = "api"

var resourceScopes = []string{resourceServer + "/users.read", resourceServer + "/users.write"}

// pool is the user pool.
type pool struct {
	Options
	id     string
	issuer string
	// nobodySalt keys the SRP salts of unknown users, so that they are as constant as those of known ones.
	nobodySalt []byte

	web, confidential, machine *client // never change

	delivery sync.Mutex // serializes Outbox; never taken while mu is held, because an Outbox may call the pool

	mu       sync.Mutex // guards the fields below
	keys     *keyring
	users    map[string]*user                    // by username in lower case
	groups   map[string]map[*user]bool           // members, by name of the group
	attempts map[string]*attempt                 // unfinished sign-ins, by Session
	sessions map[string]*session                 // completed sign-ins, by origin_jti
	refresh  map[[sha256.Size]byte]*refreshToken // by hash of the refresh token
	codes    map[[sha256.Size]byte]*authorizationCode
	browsers map[[sha256.Size]byte]*browser // signed in at the sign-in page, by hash of the cookie
	posted   []Message                      // delivered when mu is unlocked
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
		refresh:    map[[sha256.Size]byte]*refreshToken{},
		codes:      map[[sha256.Size]byte]*authorizationCode{},
		browsers:   map[[sha256.Size]byte]*browser{},
	}
	p.makeClients()
	return p, nil
}

// do runs call with mu held and then delivers the messages that it posted.
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

// keySet returns the current key set document.
func (p *pool) keySet() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fakepool.KeySet(p.keys.published(p.Now())...)
}

// checkPool returns an error unless id is the pool's ID.
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
	_, _ = rand.Read(b) // never fails
	return b
}

// randomString returns n random letters and digits.
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

// randomToken returns an unguessable opaque string.
func randomToken() string { return base64.RawURLEncoding.EncodeToString(randomBytes(96)) }
