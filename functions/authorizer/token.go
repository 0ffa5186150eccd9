package main

import (
	"errors"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
)

// Errors of bearerToken. The caller sees only a 401.
var (
	errTokenMissing   = errors.New("no token in the request")
	errTokenScheme    = errors.New("credentials are not of the form Bearer TOKEN")
	errTokenAmbiguous = errors.New("two different credentials in the request")
)

// bearerToken returns the bearer token of the event (RFC 6750, section 2.1). The same credentials twice count once, since
// REST APIs send them in headers and in multiValueHeaders; different ones are refused. The token itself is not checked, see
// [cognito.Verifier].
func bearerToken(ev event) (cognito.Token, error) {
	if len(ev.credentials) == 0 {
		return cognito.Token{}, errTokenMissing
	}
	credentials := ev.credentials[0]
	for _, other := range ev.credentials[1:] {
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
	case strings.Contains(token, " "), strings.Contains(token, "\t"): // also "Bearer Bearer token"
		return cognito.Token{}, errTokenScheme
	case strings.Contains(token, ","): // HTTP APIs join several headers by a comma
		return cognito.Token{}, errTokenAmbiguous
	}
	return cognito.NewToken(token), nil
}

// webSocketCredentials lists the credentials of a handshake. Browsers cannot set a header on it, so the token may also be the
// query parameter access_token (which ends up in access logs) or the sub-protocol after "bearer" in any case, as in
// new WebSocket(url, ["bearer", token]); the API must then return the sub-protocol as the client wrote it.
func webSocketCredentials(raw rawEvent) []string {
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
