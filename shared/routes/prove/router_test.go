package prove_test

import (
	"math/rand/v2"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/prove"
)

// The prover routes calls by a list and the local gateway by a tree. They are one model of API Gateway only as long as they
// agree.
func TestTheProverRoutesAsTheLocalGatewayDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	calls := 0
	for range 2000 {
		table, err := randomTable(random)
		if err != nil {
			continue // two routes of one shape
		}
		var keys []apigateway.RouteKey
		for _, r := range table.Routes() {
			keys = append(keys, apigateway.RouteKey{Method: r.Method, Template: r.Template})
		}
		router, err := apigateway.NewRouter(apigateway.REST, keys)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			path := ""
			for range 1 + random.IntN(5) {
				path += "/" + []string{"a", "b", "c", "d", ""}[random.IntN(5)]
			}
			for _, method := range []string{"GET", "POST", "PUT"} {
				got, want := "", prove.Serve(table, method, path)
				if i, ok := router.Match(method, path); ok {
					got = keys[i].String()
				}
				if got != want {
					t.Fatalf("%v\n%s %s: the gateway has %q, the prover %q", keys, method, path, got, want)
				}
				calls++
			}
		}
	}
	if calls < 10_000 {
		t.Errorf("only %d calls were compared", calls)
	}
}
