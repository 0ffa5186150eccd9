package cognitotest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func members(t *testing.T, token cognito.Token, part int) map[string]any {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Reveal(), ".")[part])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTokensHaveTheClaimsOfARealPool(t *testing.T) {
	pool := cognitotest.NewPool(t)
	for name, tt := range map[string]struct {
		token  cognito.Token
		claims string
		key    int
	}{
		"access":  {pool.AccessToken(t), "auth_time client_id event_id exp iat iss jti origin_jti scope sub token_use username version", 0},
		"id":      {pool.IDToken(t), "aud auth_time cognito:username email email_verified event_id exp iat iss jti origin_jti sub token_use", 1},
		"machine": {pool.MachineToken(t), "auth_time client_id exp iat iss jti scope sub token_use version", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(slices.Sorted(maps.Keys(members(t, tt.token, 1))), " "); got != tt.claims {
				t.Errorf("claims\n got %s\nwant %s", got, tt.claims)
			}
			header := members(t, tt.token, 0)
			if len(header) != 2 || header["alg"] != "RS256" || header["kid"] != pool.Keys()[tt.key].ID {
				t.Errorf("header %v", header)
			}
		})
	}
}

func TestTokenOptions(t *testing.T) {
	clock := cognitotest.NewClock()
	pool := cognitotest.NewPool(t, cognitotest.WithClock(clock))
	now := float64(clock.Now().Unix())
	token := pool.AccessToken(t, cognitotest.Scopes("a", "b"), cognitotest.Groups("x"), cognitotest.Without("jti", "username"),
		cognitotest.ExpiresIn(-time.Minute), cognitotest.Header("typ", "JWT"), cognitotest.WithoutHeader("kid"))
	claims, header := members(t, token, 1), members(t, token, 0)
	if claims["scope"] != "a b" || fmt.Sprint(claims["cognito:groups"]) != "[x]" || claims["jti"] != nil || claims["username"] != nil ||
		claims["exp"] != now-60 || claims["iat"] != now || claims["sub"] != cognitotest.Subject {
		t.Errorf("claims %v", claims)
	}
	if header["typ"] != "JWT" || header["kid"] != nil || header["alg"] != "RS256" {
		t.Errorf("header %v", header)
	}
	if at := members(t, pool.IDToken(t, cognitotest.At(-time.Hour)), 1); at["iat"] != now-3600 || at["exp"] != now || at["auth_time"] != now-3600 {
		t.Errorf("claims %v", at)
	}
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

func TestTheKeyServer(t *testing.T) {
	pool := cognitotest.NewPool(t)
	address := jwks.URL(pool.Issuer())
	if status, body := get(t, address); status != 200 || body != string(pool.JWKS()) {
		t.Errorf("status %d", status)
	}
	set, err := jwks.ParseKeySet(pool.JWKS())
	if err != nil || set.Len() != 2 {
		t.Errorf("%d keys, %v", set.Len(), err)
	}
	old := pool.Keys()
	pool.Rotate(t)
	set, err = jwks.ParseKeySet(pool.JWKS())
	if err != nil || set.Len() != 2 || set.Public(old[0].ID) != nil || set.Public(pool.Keys()[0].ID) == nil {
		t.Errorf("after a rotation: %d keys, %v", set.Len(), err)
	}
	pool.Fail(cognitotest.Status(429, 7))
	if status, _ := get(t, address); status != 429 {
		t.Errorf("status %d", status)
	}
	pool.Fail(cognitotest.Reset())
	if status, _ := get(t, address); status != 0 {
		t.Errorf("status %d over a reset connection", status)
	}
	pool.Heal()
	if status, _ := get(t, pool.Issuer()); status != 404 {
		t.Errorf("status %d at another path", status)
	}
	if n := pool.Fetches(); n < 3 || n > 4 { // the client may try again after a reset
		t.Errorf("%d fetches", n)
	}
}

func TestHealReleasesHangingRequests(t *testing.T) {
	pool := cognitotest.NewPool(t)
	arrived := make(chan struct{})
	hang := cognitotest.Hang()
	pool.Fail(func(w http.ResponseWriter, r *http.Request, release <-chan struct{}) {
		close(arrived)
		hang(w, r, release)
	})
	status := make(chan int)
	go func() {
		code, _ := get(t, jwks.URL(pool.Issuer()))
		status <- code
	}()
	<-arrived
	pool.Heal()
	if got := <-status; got != http.StatusServiceUnavailable {
		t.Errorf("status %d", got)
	}
}

func TestPoolsDoNotShareKeys(t *testing.T) {
	a, b := cognitotest.NewPool(t), cognitotest.NewPool(t)
	twin := cognitotest.NewPool(t, cognitotest.WithKeysOf(a))
	for _, key := range a.Keys() {
		for _, other := range b.Keys() {
			if key.Private.Equal(other.Private) || key.ID == other.ID {
				t.Error("two pools share a key")
			}
		}
	}
	if twin.Keys() != a.Keys() || twin.Issuer() == a.Issuer() {
		t.Error("WithKeysOf: other keys, or the same issuer")
	}
}
