package prove_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/prove"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// randomTable returns a small table over a small alphabet, so that routes get in each other's way. One in fifty
// has paths of up to six segments, and more often the rest of a path.
func randomTable(r *rand.Rand) (*routes.Table, error) {
	deepest, rest := 4, 9
	if r.IntN(50) == 0 {
		deepest, rest = 6, 7
	}
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	template := func() string {
		var b strings.Builder
		depth := r.IntN(deepest + 1)
		for i := range depth {
			switch n := r.IntN(10); {
			case n < 5:
				b.WriteString("/" + pick("a", "b", "c"))
			case n < rest || i < depth-1:
				fmt.Fprintf(&b, "/{p%d}", i)
			default:
				b.WriteString("/{rest+}")
			}
		}
		if depth == 0 {
			return "/"
		}
		return b.String()
	}
	rule := func() routes.Rule {
		switch r.IntN(6) {
		case 0:
			return routes.Rule{Public: true}
		case 1:
			return routes.Rule{AnyOf: []routes.AllOf{{}}}
		}
		var rule routes.Rule
		for range 1 + r.IntN(2) {
			var all routes.AllOf
			for range 1 + r.IntN(2) {
				if r.IntN(2) == 0 {
					all.Scopes = append(all.Scopes, pick("s", "t"))
				} else {
					all.Groups = append(all.Groups, pick("g", "s"))
				}
			}
			rule.AnyOf = append(rule.AnyOf, all)
		}
		return rule
	}
	var all []routes.Route
	for range 1 + r.IntN(7) {
		all = append(all, routes.Route{Method: pick("GET", "GET", "GET", "POST", "ANY"), Template: template(), Rule: rule()})
	}
	return routes.New(all, routes.Options{Connect: rule()})
}

func TestEveryRandomTableIsRefusedOrProvedRight(t *testing.T) {
	tables, seed := 10_000, uint64(1)
	if s := os.Getenv("PROVE_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	if testing.Short() {
		tables = 100
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	var proved, refused, malformed, warned int
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			for i := w; i < tables; i += workers {
				table, err := randomTable(rand.New(rand.NewPCG(seed, uint64(i))))
				first := stagepolicy.Form(i % 5)
				if err != nil {
					if !errors.Is(err, routes.ErrDuplicate) {
						t.Errorf("table %d of seed %d: %v", i, seed, err)
					}
					mu.Lock()
					malformed++
					mu.Unlock()
					continue
				}
				_, conflict := stagepolicy.New(table).Check(stagepolicy.Deployment{})
				report, wrong := prove.CheckForm(table, stagepolicy.Deployment{}, first)
				large := errors.Is(conflict, stagepolicy.ErrTooLarge) // the check assumes longer names than the prover
				if conflict != nil && !large && !errors.Is(conflict, stagepolicy.ErrConflict) {
					t.Errorf("table %d of seed %d: %v", i, seed, conflict)
				}
				if (conflict == nil) != (wrong == nil) && !large || errors.Is(wrong, prove.ErrWrong) {
					data, _ := table.Encode()
					t.Errorf("table %d of seed %d: the check says %v\nthe prover says %v\n%s", i, seed, conflict, wrong, data)
				}
				if i%100 == 0 {
					separate, err := routes.New(table.Routes(), routes.Options{Mode: routes.PerRoute, Connect: table.Connect()})
					if err == nil {
						_, err = prove.Check(separate, stagepolicy.Deployment{})
					}
					if err != nil {
						t.Errorf("table %d of seed %d, per route: %v", i, seed, err)
					}
				}
				mu.Lock()
				if conflict == nil {
					proved++
				} else {
					refused++
				}
				if len(report.Warnings) > 0 {
					warned++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	t.Logf("%d proved, %d refused, %d with duplicate routes, %d with warnings", proved, refused, malformed, warned)
	if proved < tables/2 || refused < tables/20 || warned < tables/20 {
		t.Error("too few tables of one kind for the test to mean much")
	}
}
