package cognito_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/jwks"
)

func ExampleVerifier_Verify() {
	const issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
	keys, err := jwks.New(jwks.Config{URL: jwks.URL(issuer), HTTP: http.DefaultClient})
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := cognito.NewVerifier(cognito.Config{
		Issuers:   map[string]cognito.Issuer{issuer: {Keys: keys, ClientIDs: []string{"4p9exampleclientid7abcd1234"}}},
		TokenUses: []cognito.TokenUse{cognito.AccessToken},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// An attacker's token: nobody signed it. It is refused without a fetch.
	token := cognito.NewToken("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.AAAA")
	claims, err := verifier.Verify(context.Background(), token)
	fmt.Println(err)
	fmt.Println(cognito.Reason(err))
	fmt.Printf("%q %v\n", claims.Principal(), token)
	// Output:
	// alg is not RS256
	// algorithm
	// "" [redacted]
}
