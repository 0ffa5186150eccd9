package prove

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// call is one request that is tried.
type call struct {
	method string
	path   string // as sent, with its leading slash
	name   string // the resource that the policy is asked about
	route  *route // that it is routed to; nil for none
	exact  bool   // the path has no empty segment, so a permitted call must be allowed
	of     *route // a forbidden spelling: the route that somebody might mean by it; else nil
}

// hostile are the texts that a caller might put into a segment.
var hostile = []string{
	".", "..", "%2e%2e", "%2F", "7%2F8", "*", "?", "%2A", ":", "é", "%00", "${aws:username}", "{id}", "$connect",
	"arn:aws:execute-api:eu-west-1:111122223333:a",
}

// maxProduct bounds the combinations of texts that are tried for the parameters of one route, and maxProducts those for all
// routes together.
const (
	maxProduct  = 256
	maxProducts = 20_000
)

// calls makes the requests to try: for every route, paths that instantiate it in ordinary and in hostile
// ways, those that make it look like each other route, and those that just miss it.
func (g gateway) calls() []call {
	var literals []string
	deepest := 0
	for _, r := range g {
		deepest = max(deepest, len(r.parts))
		for _, p := range r.parts {
			if p.text != "" {
				literals = append(literals, p.text)
			}
		}
	}
	slices.Sort(literals)
	b := callSet{gateway: g, seen: map[string]bool{}, literals: slices.Compact(literals)}
	for _, r := range g {
		for _, form := range r.forms(deepest) {
			b.instantiate(r, form)
		}
	}
	return b.calls
}

// forms returns the parts of a route with {name+} as one parameter, two, and so on, until there is a part more than in the
// deepest route.
func (r *route) forms(deepest int) [][]part {
	last := len(r.parts) - 1
	if r.parts[last].kind != rest {
		return [][]part{r.parts}
	}
	var all [][]part
	for more := range deepest + 1 - last {
		all = append(all, append(slices.Clone(r.parts[:last]), slices.Repeat([]part{{kind: parameter}}, 1+more)...))
	}
	return all
}

// callSet collects calls, each once.
type callSet struct {
	gateway
	literals []string
	seen     map[string]bool
	calls    []call
}

// add adds a call to a method and the segments of a path.
func (b *callSet) add(method string, segments []string, of *route) {
	name := base + method + "/" + strings.Join(segments, "/")
	if b.seen[name] {
		return
	}
	b.seen[name] = true
	path := name[len(base)+len(method):]
	exact := path == "/" || !strings.HasSuffix(path, "/") && !strings.Contains(path, "//")
	c := call{method: method, path: path, name: name, route: b.serve(method, path), exact: exact}
	if of != nil && of != c.route {
		c.of = of
	}
	b.calls = append(b.calls, c)
}

// instantiate adds the calls for one form of a route.
func (b *callSet) instantiate(r *route, form []part) {
	plain := make([]string, len(form)) // parameters hold texts that stand nowhere else
	var free []int                     // the positions of the parameters
	for i, p := range form {
		plain[i] = p.text
		if p.kind != literal {
			plain[i] = "value-" + strconv.Itoa(i)
			free = append(free, i)
		}
	}
	first := true
	for _, m := range r.methods() {
		if !b.under(r, m) {
			continue
		}
		b.add(m, plain, nil)
		b.product(m, plain, free, len(form))
		b.addNearMisses(m, r, form, plain)
		if first { // one method will do: nothing that follows tells them apart
			b.addHostile(m, plain, free)
		}
		first = false
	}
}

// product adds the calls whose parameters hold literals of the table, in all combinations while these are
// few, else one at a time and in pairs.
func (b *callSet) product(method string, plain []string, free []int, length int) {
	most := min(maxProduct, maxProducts/len(b.gateway))
	if math.Pow(float64(len(b.literals)+1), float64(len(free))) <= float64(most) {
		var fill func(segments []string, free []int)
		fill = func(segments []string, free []int) {
			if len(free) == 0 {
				b.add(method, segments, nil)
				return
			}
			fill(segments, free[1:])
			for _, l := range b.literals {
				fill(set(segments, free[0], l), free[1:])
			}
		}
		fill(plain, free)
		return
	}
	// Only a text that another route has at that place can make a difference.
	at := make([][]string, length)
	for _, r := range b.gateway {
		for i, p := range r.parts {
			if i < length && p.text != "" {
				at[i] = append(at[i], p.text)
			}
		}
	}
	for k, i := range free {
		for _, l := range at[i] {
			one := set(plain, i, l)
			b.add(method, one, nil)
			for _, j := range free[k+1:] {
				for _, m := range at[j] {
					if len(b.calls) < min(200*len(b.gateway), maxProducts) {
						b.add(method, set(one, j, m), nil)
					}
				}
			}
		}
	}
}

// addHostile adds calls with hostile texts for parameters, and with other methods.
func (b *callSet) addHostile(method string, plain []string, free []int) {
	for _, i := range free {
		for _, text := range hostile {
			b.add(method, set(plain, i, text), nil)
		}
	}
	for _, other := range methods {
		b.add(other, plain, nil)
	}
}

// addNearMisses adds calls that are not to the route, though they look like it.
func (b *callSet) addNearMisses(method string, r *route, form []part, plain []string) {
	b.add(method, append(slices.Clone(plain), ""), nil) // a slash at the end
	b.add(method, append(slices.Clone(plain), "more"), nil)
	b.add(method, append(slices.Clone(plain), "more", "yet"), nil)
	b.add(method, append(slices.Clone(plain), "more", "yet", "still"), nil)
	b.add(method, plain[:len(plain)-1], nil)
	b.add(method, append([]string{".."}, plain...), nil)
	b.add(method, append([]string{method}, plain...), nil)
	for i, p := range form {
		b.add(method, slices.Insert(slices.Clone(plain), i, ""), r)
		if i > 0 { // a slash that may be decoded before the path is routed
			for _, slash := range []string{"%2F", "%2f"} {
				joined := slices.Delete(slices.Clone(plain), i, i+1)
				joined[i-1] = plain[i-1] + slash + plain[i]
				b.add(method, joined, r)
			}
		}
		switch {
		case p.kind != literal:
			b.add(method, set(plain, i, ""), nil)
			b.add(method, slices.Insert(slices.Clone(plain), i, "more"), nil)
			b.add(method, slices.Insert(slices.Clone(plain), i, "more", "yet"), nil)
		case p.text != "":
			b.add(method, set(plain, i, p.text+"x"), nil)
			b.add(method, set(plain, i, "x"+p.text), nil)
			b.add(method, set(plain, i, strings.ToUpper(p.text)), nil)
			b.add(method, set(plain, i, encoded(p.text)), r)
		}
	}
}

// encoded writes the first letter of a text as a percent-escape.
func encoded(text string) string {
	const hex = "0123456789ABCDEF"
	return "%" + string(hex[text[0]>>4]) + string(hex[text[0]&15]) + text[1:]
}

func set(segments []string, i int, text string) []string {
	all := slices.Clone(segments)
	all[i] = text
	return all
}
