package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

func TestTargetsSelectWhatTheLibrarySelects(t *testing.T) {
	const document = `
a: &a {n: 1, list: [{n: 1, s: x}, {n: 2, s: yx}, [1, 2, 3, 4, 5], !Sub tagged], deep: {n: {n: {n: null}}}}
b: *a
paths: {/p: {get: {operationId: one}, put: {operationId: two}}, /q: {get: {}}}
n: 2
`
	for _, target := range []string{
		"$", "$.*", "$..*", "$..n", "$.a", "$.a.list[0]", "$.a.list[-1]", "$.a.list[-9]", "$.a.list[9]", "$.a.list[0,0,1]", "$.a[0]", "$.a.list.n",
		"$..[0]", "$..[1:3]", "$..[::-1]", "$..[3:0:-2]", "$..[-2:]", "$.a.list[2][1:4:2]", "$..*..*", "$..*..*..n", "$.*.*", "$['a','b'].n", "$['a',*]",
		"$..[?@.n]", "$..[?@.n == 1]", "$.a.list[?@.n == $.n]", "$.a.list[?@.n > 1 || @.s == 'x']", "$.paths[?@.get.operationId]", "$.paths.*[?@.operationId == 'two']",
		"$.paths[?@[?@.operationId == 'one']]", "$.paths.*[?match(@.operationId, 't.*')]", "$..[?search(@.s, 'x')]", "$..[?length(@) > 2]",
		"$..[?count(@.*) > 1]", "$.paths[?!@.put]", "$.none", "$.a.list[3].x", "$..[?@ == 1]", "$.a.list[?@.s == '..']",
	} {
		ours, library, err := contract.Select(document, target)
		if err != nil {
			t.Errorf("%s: %v", target, err)
		} else if !slices.Equal(ours, library) {
			t.Errorf("%s selects\n%q, the library\n%q", target, ours, library)
		}
	}
}

func TestTargetsThatAskForTooMuchWorkAreRefused(t *testing.T) {
	deep := "x: " + strings.Repeat("{a: ", 200) + "1" + strings.Repeat("}", 200) + "\n"
	wide := "x: [" + repeated(60_000, "{n: %d}", ", ") + "]\n"
	for _, tt := range []struct{ document, target, says string }{
		{deep, "$..[?@..*]", "filter"},
		{deep, "$..[?@['a','a']['a','a']]", "several selectors"},
		{deep, "$..[?@[?@.a,?@.a]]", "several selectors"},
		{deep, "$..[?count($..a) > 1]", "filter"},
		{wide, "$.x[?count($.x[*]) > 1]", "filter"},
		{wide, "$.x[?count($.x[0:9]) > 1]", "filter"},
		{wide, "$.x[?match(@.s, 'a')]", "too much work"},
		{deep, "$" + strings.Repeat("..*", 400), "bytes"},
	} {
		if _, _, err := contract.Select(tt.document, tt.target); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%.80s: %v, want %q", tt.target, err, tt.says)
		}
	}
}

// Without a bound, 40 actions would make 2^40 values.
func TestOverlaysThatMultiplyValuesAreRefused(t *testing.T) {
	document := write(t, "openapi.yaml", head+"paths: {/a: {get: {security: []}}}\nx-g: {r: {n: 1}}\n")
	for name, actions := range map[string]string{
		"a search": repeated(40, "\n  - {target: \"$['x-g']..[?@.n]\", update: {a%d: {n: 1}}}", ""),
		"an alias": "\n  - {target: $.x-g, update: {b: &b {" + repeated(100, "k%d: v", ", ") + "}, c: [" + repeated(100, "*b", ", ") + "]}}" +
			repeated(10, "\n  - {target: \"$['x-g']..*\", update: {d%d: {e: {f: {}}}}}", ""),
	} {
		t.Run(name, func(t *testing.T) {
			rules := overlay(t, actions+"\n")
			_, err := contract.Read(document, rules)
			if err == nil || !strings.Contains(err.Error(), rules) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnItemThatATargetSelectsTwiceIsRemovedOnce(t *testing.T) {
	document := write(t, "openapi.yaml", head+"paths: {/a: {get: {security: [cognito: [one], cognito: [two]]}}}\n")
	result, err := contract.Read(document, overlay(t, "\n  - {target: \"$.paths['/a'].get.security[0,0]\", remove: true}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Table.Routes()[0].Rule.String(); got != "scope two" {
		t.Errorf("the rule is %q", got)
	}
}
