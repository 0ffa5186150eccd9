package main

import (
	"errors"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// Why no token could be taken from the event. The caller hears nothing of it but 401.
var (
	errTokenMissing   = errors.New("the request carries no token")
	errTokenScheme    = errors.New("the credentials are not of the form: Bearer, space, token")
	errTokenAmbiguous = errors.New("the request carries two different credentials")
)

// bearerToken finds the one bearer token of the event (RFC 6750, section 2.1). The same credentials twice,
// as REST APIs send them in headers and in multiValueHeaders, count once; two different ones are refused
// rather than chosen from. What a token must look like is for [cognito.Verifier] to say.
func bearerToken(ev event) (cognito.Token, error) {
	if len(ev.bearers) == 0 {
		return cognito.Token{}, errTokenMissing
	}
	credentials := ev.bearers[0]
	for _, other := range ev.bearers[1:] {
		if other != credentials {
			return cognito.Token{}, errTokenAmbiguous
		}
	}
	if credentials == "" {
		return cognito.Token{}, errTokenMissing
	}
	scheme, token, found := strings.Cut(credentials, " ")
	token = strings.TrimLeft(token, " ")
	switch {
	case !found || !strings.EqualFold(scheme, "Bearer") || token == "":
		return cognito.Token{}, errTokenScheme
	case strings.IndexByte(token, ' ') >= 0, strings.IndexByte(token, '\t') >= 0: // also "Bearer Bearer token"
		return cognito.Token{}, errTokenScheme
	case strings.IndexByte(token, ',') >= 0: // HTTP APIs join several headers by a comma
		return cognito.Token{}, errTokenAmbiguous
	}
	return cognito.NewToken(token), nil
}

// webSocketBearers lists the credentials of a handshake. Browsers cannot set a header on it, so the token may also be the
// query parameter access_token (which ends up in access logs) or the sub-protocol after "bearer" in any case, as in
// new WebSocket(url, ["bearer", token]); the API then has to answer with the sub-protocol as the client wrote it.
func webSocketBearers(raw rawEvent) []string {
	found := raw.authorization
	for _, token := range raw.accessToken {
		found = append(found, "Bearer "+token)
	}
	for _, list := range raw.protocols {
		protocols := strings.Split(list, ",")
		for i := range protocols[1:] {
			if strings.EqualFold(strings.TrimSpace(protocols[i]), "Bearer") {
				found = append(found, "Bearer "+strings.TrimSpace(protocols[i+1]))
			}
		}
	}
	return found
}
