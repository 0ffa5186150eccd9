package main

import (
	"encoding/json"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognitotest"
)

// twoPools returns an authorizer that accepts the web client of its own pool, and the machine client and an API of another.
func twoPools(t *testing.T) (b *harness, other *cognitotest.Pool) {
	t.Helper()
	other = cognitotest.NewPool(t)
	return startHarness(t, tableOfRoutes, func(own *cognitotest.Pool) map[string]string {
		setting, err := json.Marshal(map[string]any{
			own.Issuer():   map[string]any{"clients": []string{cognitotest.WebClient}},
			other.Issuer(): map[string]any{"clients": []string{cognitotest.MachineClient}, "audiences": []string{"https://api.example.com"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{"ISSUERS": string(setting), "CLIENT_IDS": ""}
	}), other
}

func TestTheClientsAndAudiencesOfOnePoolAreNotThoseOfAnother(t *testing.T) {
	b, other := twoPools(t)
	audience := cognitotest.Claim("aud", "https://api.example.com")
	for name, tt := range map[string]struct {
		token  string
		reason string
	}{
		"the first pool's client":                      {b.pool.AccessToken(t).Reveal(), "allowed"},
		"the second pool's client":                     {other.MachineToken(t).Reveal(), "allowed"},
		"the first pool's client, by the second pool":  {other.AccessToken(t).Reveal(), "client"},
		"the second pool's client, by the first pool":  {b.pool.MachineToken(t).Reveal(), "client"},
		"an API of the second pool":                    {other.MachineToken(t, audience).Reveal(), "allowed"},
		"an API of the second pool, by the first pool": {b.pool.AccessToken(t, audience).Reveal(), "audience"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.ask(t, callEvent("GET/me", "Bearer "+tt.token))
			if line := b.lastLine(t); line["reason"] != tt.reason || (err == nil) != (tt.reason == "allowed") {
				t.Errorf("got %v, reason %v", err, line["reason"])
			}
		})
	}
}

func TestTheContextNamesTheIssuerIfThereAreSeveral(t *testing.T) {
	b, other := twoPools(t)
	for issuer, token := range map[string]string{b.pool.Issuer(): b.pool.AccessToken(t).Reveal(), other.Issuer(): other.MachineToken(t).Reveal()} {
		if got, err := b.ask(t, callEvent("GET/me", "Bearer "+token)); err != nil || got.Context["issuer"] != issuer {
			t.Errorf("got %v, %v; want %s", got.Context, err, issuer)
		}
	}
	single := newHarness(t, tableOfRoutes, nil)
	if got, err := single.ask(t, callEvent("GET/me", "Bearer "+single.pool.AccessToken(t).Reveal())); err != nil || got.Context["issuer"] != nil {
		t.Errorf("got %v, %v; want no issuer", got.Context, err)
	}
}
