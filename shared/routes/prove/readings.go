package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// A path has other readings than as it is sent: with its percent-escapes decoded, or with neighbouring slashes folded. No
// documentation tells for each kind of API in which reading API Gateway routes a path and in which it evaluates a policy.
// [class.decide] treats both as the same. Here they differ, and what is found is worth a warning.

// reading is a way to read a path: what a character is read as, and how it can be sent. slash reports whether the character
// before it is a slash.
type reading func(c byte, slash bool) (read string, sent []string)

var readings = []reading{decoded, folded}

// maxReadingMoves bounds the moves that are made to decide the readings of all classes together. Most tables need few, and
// the classes with most and with least rights come first.
const maxReadingMoves = 300_000

// readingState is where a path has led both automata, of which one reads it as it is sent and the other decoded.
type readingState struct {
	routing, policy int
	slash           bool // the last character that was routed is a slash, or there is none yet
	before          int  // with slash: the route of the path without it, or -1
}

// decideReadings looks for a path that the policy allows in one reading and that is routed to a forbidden route in the
// other, and warns of each such route with a shortest path. It reports whether it has come to an end.
func (k *class) decideReadings(policy *policyAutomaton) bool {
	for _, r := range k.routings {
		for _, read := range readings {
			if !k.decideReading(r, policy, read, true) || !k.decideReading(r, policy, read, false) {
				return false
			}
		}
	}
	return true
}

// decideReading does so for one method and one reading, by which the path is routed while the policy is evaluated on the path
// as it is sent, or the other way round.
func (k *class) decideReading(r *routing, policy *policyAutomaton, read reading, routed bool) bool {
	someMayBeMeant := func() bool {
		return slices.ContainsFunc(r.routes, func(route *route) bool { return k.under(route, r.method) && k.mayBeMeant(route) })
	}
	if !someMayBeMeant() {
		return true
	}
	start := readingState{routing: r.start(), policy: policy.after(policy.start(), base+r.method+"/"), slash: true, before: r.served(r.start())}
	seen := map[readingState]bool{start: true}
	visits := []visit[readingState]{{state: start, from: -1}}
	for i := 0; i < len(visits); i++ {
		at := visits[i].state
		served := r.served(at.routing)
		if at.slash {
			served = at.before
		}
		if served >= 0 && k.mayBeMeant(r.routes[served]) && verdict(policy, at.policy) == apigateway.Allowed {
			k.warnOfReading(r.routes[served], r.method, textOf(visits, i))
			if !someMayBeMeant() {
				return true
			}
		}
		if k.readingMoves >= maxReadingMoves {
			return false
		}
		for _, c := range telling(nil, r.states[at.routing], policy.states[at.policy]) {
			plain, sent := read(c, at.slash)
			for _, text := range sent {
				k.readingMoves++
				route, evaluate := plain, text
				if !routed {
					route, evaluate = text, plain
				}
				to := readingState{r.after(at.routing, route), policy.after(at.policy, evaluate), strings.HasSuffix(route, "/"), -1}
				switch {
				case route == "":
					to.slash, to.before = at.slash, at.before
				case route == "/" && !at.slash: // where two slashes end a path, no documentation says what they belong to
					to.before = r.served(at.routing)
				}
				if to.before < 0 && r.states[to.routing].dead() || policy.states[to.policy].dead() || seen[to] {
					continue
				}
				seen[to] = true
				visits = append(visits, visit[readingState]{to, i, text})
			}
		}
	}
	return true
}

// mayBeMeant reports whether a call to this route would be a finding: it is forbidden, and no warning names it yet.
func (k *class) mayBeMeant(r *route) bool {
	return !k.may[r.index] && !k.warned[warning{"spelling", r}]
}

// warnOfReading warns that a call to an allowed path could be read as one to a forbidden route.
func (k *class) warnOfReading(forbidden *route, method, path string) {
	k.warn(Warning{Code: "spelling", Text: "protected only if API Gateway routes a path and evaluates policies in the same spelling " +
		"(percent-escapes, slashes): otherwise an allowed call could reach it"}, forbidden, "%s, by %s for %s %s", forbidden, k.caller, method, path)
}

// decoded is the reading with escapes decoded.
func decoded(c byte, _ bool) (read string, sent []string) {
	read = plainText(c)
	if c != '%' {
		sent = []string{read}
	}
	upper, lower := fmt.Sprintf("%%%02X", read[0]), fmt.Sprintf("%%%02x", read[0])
	if sent = append(sent, upper); lower != upper {
		sent = append(sent, lower)
	}
	return read, sent
}

// folded is the reading in which neighbouring slashes count as one.
func folded(c byte, slash bool) (read string, sent []string) {
	if c == '/' && slash {
		return "", []string{"/"}
	}
	return plainText(c), []string{plainText(c)}
}

// plainText returns a character as a path holds it.
func plainText(c byte) string {
	if c == otherChar {
		return "~"
	}
	return string(rune(c))
}
