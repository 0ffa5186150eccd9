package stagepolicy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/shared/apigateway"
)

// layers are the plans of a caller whose policy has own values in it, or rights that end before the token does. There is one plan
// for the time until the first of these rights ends, one until the next does, and so on. Each allows less than the one before.
type layers struct {
	plans []*plan
	made  [forms]*template // under the planner's values mutex
	stage apigateway.MethodARN
	end   bool // made with a Deny for when the token expires
}

// template is a policy in one form, with places for the caller's values and for times.
type template struct {
	form       Form
	statements []timedStatement
	parts      []part
	fixed      int // bytes of the JSON without resources that hold values
	longest    int // of the resources without values, in bytes
}

// timedStatement is a statement whose condition is about one of the times.
type timedStatement struct {
	effect    apigateway.Effect
	resources []string // complete, with symbols
	when      when
	time      int // index into the times
}

type when int

const (
	always when = iota
	until       // DateLessThan
	from        // DateGreaterThanEquals
)

// part is a piece of the JSON: text, then a time, or a resource for each combination of values.
type part struct {
	text   string
	time   int      // index into the times; -1: none
	pieces []string // of a resource between its symbols, one more than these; nil: no resource
	values []int    // the symbols
	first  bool     // no resource stands before it in its list
}

// maxExpansions bounds the resources that one pattern becomes. More never fit.
const maxExpansions = 256

// resourcesIn returns what the layers allow and deny in a form, or false if there is no such form.
func (l *layers) resourcesIn(f Form) ([]resources, bool, error) {
	all := make([]resources, len(l.plans))
	for i, m := range l.plans {
		r, ok, err := m.in(f)
		if err != nil || !ok {
			return nil, ok, err
		}
		all[i] = r
	}
	return all, true, nil
}

// statementsOf returns the statements of a policy with these layers. In each layer's time the Allows in force are its own and those
// of later layers, which allow less; the Denies are its own and those of earlier layers, which are safe for those who may call
// more. So the results for calls of the table are those of the layer's own plan.
func statementsOf(all []resources, a apigateway.MethodARN, end bool) []timedStatement {
	var statements []timedStatement
	prefix := a.Prefix() + "/"
	seen := make(map[string]bool)
	add := func(effect apigateway.Effect, patterns []string, w when, at int) {
		var fresh []string
		for _, p := range patterns {
			if !seen[string(effect)+p] {
				seen[string(effect)+p] = true
				fresh = append(fresh, prefix+p)
			}
		}
		if len(fresh) > 0 {
			statements = append(statements, timedStatement{effect, fresh, w, at})
		}
	}
	last := len(all) - 1
	for i := last; i >= 0; i-- {
		if i == last {
			add(apigateway.Allow, all[i].allow, always, 0)
		} else {
			add(apigateway.Allow, all[i].allow, until, i)
		}
	}
	for i := range all {
		if i == 0 {
			add(apigateway.Deny, all[i].deny, always, 0)
		} else {
			add(apigateway.Deny, all[i].deny, from, i-1)
		}
	}
	if end {
		statements = append(statements, timedStatement{apigateway.Deny, []string{a.StageResource()}, from, last})
	}
	return statements
}

// newTemplate returns the template of statements.
func newTemplate(f Form, statements []timedStatement) *template {
	t := &template{form: f, statements: statements}
	var text strings.Builder
	flush := func() {
		t.parts = append(t.parts, part{text: text.String(), time: -1})
		t.fixed += text.Len()
		text.Reset()
	}
	text.WriteString(`{"Version":"` + apigateway.PolicyVersion + `","Statement":[`)
	for i, s := range statements {
		if i > 0 {
			text.WriteString(",")
		}
		fmt.Fprintf(&text, `{"Effect":"%s","Action":"%s","Resource":[`, s.effect, apigateway.InvokeAction)
		for j, r := range s.resources {
			pieces, values := cut(r)
			if values != nil {
				flush()
				t.parts = append(t.parts, part{time: -1, pieces: pieces, values: values, first: j == 0})
				continue
			}
			if j > 0 {
				text.WriteString(",")
			}
			text.WriteString(`"` + r + `"`)
			t.longest = max(t.longest, len(r))
		}
		text.WriteString("]")
		if s.when != always {
			text.WriteString(`,"Condition":{"` + s.when.operator() + `":{"` + apigateway.CurrentTime + `":"`)
			flush()
			t.parts = append(t.parts, part{time: s.time})
			t.fixed += len("2006-01-02T15:04:05Z")
			text.WriteString(`"}}`)
		}
		text.WriteString("}")
	}
	text.WriteString("]}")
	flush()
	return t
}

func (w when) operator() string {
	if w == until {
		return apigateway.DateLessThan
	}
	return apigateway.DateGreaterThanEquals
}

// cut splits a resource at its symbols.
func cut(resource string) (pieces []string, symbols []int) {
	for {
		before, rest, found := strings.Cut(resource, "{")
		if !found {
			return append(pieces, resource), symbols
		}
		number, after, _ := strings.Cut(rest, "}")
		n := 0
		for i := range len(number) {
			n = 10*n + int(number[i]-'0')
		}
		pieces, symbols, resource = append(pieces, before), append(symbols, n), after
	}
}

// size returns the bytes of the JSON for these values, or false if there are too many.
func (t *template) size(values [][]string) (int, bool) {
	n := t.fixed
	for _, p := range t.parts {
		if p.pieces == nil {
			continue
		}
		count := 1
		for _, s := range p.values {
			if count *= len(values[s]); count > maxExpansions {
				return 0, false
			}
		}
		each := len(`"",`)
		for _, piece := range p.pieces {
			each += len(piece)
		}
		n += count * each
		for _, s := range p.values {
			for _, v := range values[s] {
				n += count / len(values[s]) * len(v)
			}
		}
		if p.first {
			n-- // no comma before the first
		}
	}
	return n, true
}

// each calls visit with the resources for all combinations of values. The slice is reused.
func (p part) each(values [][]string, buffer []byte, visit func([]byte)) {
	var few [4]int
	at := append(few[:0], p.values...) // which value of each symbol: the first
	clear(at)
	for {
		buffer = append(buffer[:0], p.pieces[0]...)
		for i, s := range p.values {
			buffer = append(buffer, values[s][at[i]]...)
			buffer = append(buffer, p.pieces[i+1]...)
		}
		visit(buffer)
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < len(values[p.values[i]]) {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// filled is a template with the values and times of one caller.
type filled struct {
	*template
	values [][]string // by symbol
	times  []time.Time
}

// encoded returns the policy as JSON.
func (f *filled) encoded() apigateway.EncodedPolicy {
	size, _ := f.size(f.values)
	out := make([]byte, 0, size)
	var buffer [512]byte
	for _, p := range f.parts {
		switch {
		case p.time >= 0:
			out = apigateway.AppendTime(out, f.times[p.time])
		case p.pieces == nil:
			out = append(out, p.text...)
		default:
			first := p.first
			p.each(f.values, buffer[:0], func(resource []byte) {
				if !first {
					out = append(out, ',')
				}
				first = false
				out = append(append(append(out, '"'), resource...), '"')
			})
		}
	}
	return apigateway.NewEncodedPolicy(string(out))
}

// document returns the policy as statements.
func (f *filled) document() apigateway.PolicyDocument {
	var statements []apigateway.Statement
	for _, s := range f.statements {
		made := apigateway.Statement{Effect: s.effect, Action: apigateway.InvokeAction}
		for _, r := range s.resources {
			pieces, symbols := cut(r)
			part{pieces: pieces, values: symbols}.each(f.values, nil, func(resource []byte) { made.Resource = append(made.Resource, string(resource)) })
		}
		if s.when != always {
			made.Condition = map[string]map[string]string{s.when.operator(): {apigateway.CurrentTime: string(apigateway.AppendTime(nil, f.times[s.time]))}}
		}
		statements = append(statements, made)
	}
	return apigateway.NewPolicyDocument(statements...)
}

// longestResource returns the length of the longest resource in bytes.
func (f *filled) longestResource() int {
	most := f.longest
	for _, p := range f.parts {
		n := 0
		for _, piece := range p.pieces {
			n += len(piece)
		}
		for _, i := range p.values {
			n += len(slices.MaxFunc(f.values[i], func(a, b string) int { return len(a) - len(b) }))
		}
		most = max(most, n)
	}
	return most
}
