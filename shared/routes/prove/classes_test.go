package prove

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// Those with most rights have the largest policies, and those with one alternative show what it opens.
func TestTheFirstClassesHaveMostRightsOrOneAlternative(t *testing.T) {
	var all []routes.Route
	for _, group := range []string{"a", "b", "c", "d"} {
		all = append(all, get("/"+group, group))
	}
	for most, complete := range map[int]bool{16: true, 15: false} {
		callers, always, gotComplete := classes(all, routes.Rule{}, most)
		var first []string
		for _, c := range callers[:always] {
			first = append(first, strings.Join(c.Groups, ""))
		}
		if want := []string{"abcd", "", "bcd", "acd", "abd", "abc", "a", "b", "c", "d"}; !slices.Equal(first, want) {
			t.Errorf("of %d classes: %q come first, want %q", most, first, want)
		}
		if gotComplete != complete {
			t.Errorf("of %d classes: complete: %v", most, gotComplete)
		}
	}
}

// A sign-in that ends a right within the life of the token is looked at before and after.
func TestTheSignInOfAClassIsRecentEnoughForAnotherMinute(t *testing.T) {
	c := routes.Principal{Now: noon}
	for _, tt := range []struct {
		maxAge int64 // of one more alternative
		want   time.Duration
	}{{900, 14 * time.Minute}, {600, 9 * time.Minute}, {900, 9 * time.Minute}, {0, 9 * time.Minute}} {
		c = with(distinct, c, routes.AllOf{MaxAge: tt.maxAge})
		if got := noon.Sub(c.AuthTime); got != tt.want {
			t.Errorf("max-age %d: signed in %v ago, want %v", tt.maxAge, got, tt.want)
		}
	}
}

func TestTheFirstClassesAreDecidedEvenIfAllMovesWereMade(t *testing.T) {
	var all []routes.Route
	for _, group := range []string{"a", "b", "c", "d"} {
		all = append(all, get("/"+group, group))
	}
	table, err := routes.New(all, routes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := newProver(table, policiesOf(table, stagepolicy.Deployment{}, stagepolicy.Exact))
	p.moves = maxMoves
	callers, always, _ := classes(table.Routes(), table.Connect(), maxClasses)
	p.checkCallers(table, callers, always)
	if p.report.Classes != 16 || p.report.Decided != 10 || len(p.wrong) > 0 {
		t.Errorf("%d of %d classes were decided, want 10 of 16: %v", p.report.Decided, p.report.Classes, p.wrong)
	}
}
