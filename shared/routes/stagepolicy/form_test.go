package stagepolicy_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

func TestTheFirstFormThatIsTriedMayBeChosen(t *testing.T) {
	for first := stagepolicy.Exact; first <= stagepolicy.Prefixed; first++ {
		policy, err := newTable(t, "GET /users/{id} r", "GET /orders w").ForStage(callerWith("r"), callStage, stagepolicy.Options{First: first})
		if err != nil || policy.Form() != first {
			t.Errorf("a stage, %s: got %s, %v", first, policy.Form(), err)
		}
	}
}

func TestAPolicyForOneRouteHasOneForm(t *testing.T) {
	p, err := newPlanned(parseRoutes(t, "GET /users/{id} r"), routes.Options{Mode: routes.PerRoute})
	if err != nil {
		t.Fatal(err)
	}
	exact, err := p.routeDocument(callerWith("r"), callStage, "GET", "/users/{id}", stagepolicy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for first := stagepolicy.Exact; first <= stagepolicy.Prefixed; first++ {
		policy, err := p.ForRoute(callerWith("r"), callStage, "GET", "/users/{id}", stagepolicy.Options{First: first})
		if err != nil || policy.Form() != stagepolicy.Exact || !reflect.DeepEqual(policy.Document(), exact) {
			t.Errorf("%s: got %s, %+v, %v", first, policy.Form(), policy.Document(), err)
		}
	}
}

// Where every route of every method is allowed, nothing is denied, and Allows may take all the room.
func TestAllowsAloneMayFillAPolicy(t *testing.T) {
	ask := func(n, filler int) stagepolicy.Policy {
		t.Helper()
		lines := []string{"GET /" + strings.Repeat("f", filler) + " r"}
		for i := range n {
			lines = append(lines, fmt.Sprintf("ANY /r%02d r", i))
		}
		policy, err := newTable(t, lines...).ForStage(callerWith("r"), callStage, stagepolicy.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return policy
	}
	most := 0
	for ask(most+1, 1).Form() == stagepolicy.Exact {
		most++
	}
	filler := 1 + roomForPolicy - ask(most, 1).Document().Size()
	for more, form := range map[int]stagepolicy.Form{0: stagepolicy.Exact, 1: stagepolicy.Compacted} {
		policy := ask(most, filler+more)
		if allow := policy.Document().Statement[0]; policy.Form() != form || allow.Effect != apigateway.Allow {
			t.Errorf("%d bytes more than there is room for: got %s", more, policy.Form())
		}
		if size := policy.Document().Size(); size > roomForPolicy || more == 0 && size != roomForPolicy {
			t.Errorf("%d bytes more than there is room for: %d bytes", more, size)
		}
	}
}
