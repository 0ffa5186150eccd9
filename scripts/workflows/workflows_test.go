package workflows

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestWorkflowsKeepTheRules(t *testing.T) {
	all := load(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			looked := 0
			for _, w := range all {
				n, faults := r.check(w)
				looked += n
				for _, fault := range faults {
					t.Errorf("%s: %s", w.file, fault)
				}
			}
			if looked == 0 {
				t.Error("the rule found nothing to look at")
			}
		})
	}
}

const good = `name: deploy
on:
  push:
permissions: {}
jobs:
  plan:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read # check out
      id-token: write # become the plan role
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e # v7.0.0
        with:
          cache: false
      - run: make plan ARCH=arm64 >> "$GITHUB_STEP_SUMMARY"
`

// Each line breaks a good workflow in one place, and the rule named must say so.
func TestRulesFindWhatBreaksThem(t *testing.T) {
	for _, c := range []struct{ name, old, new, rule string }{
		{"an action by its tag", "checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "checkout@v7", "an action is pinned"},
		{"an action by a short commit", "checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "checkout@3d3c42e", "an action is pinned"},
		{"a commit without its version", " # v7.0.1", "", "an action is pinned"},
		{"an action hidden in braces", "- run: make plan", "- {uses: evil/action@main}\n      - run: make plan", "an action is pinned"},
		{"read for every job", "permissions: {}", "permissions:\n  contents: read # check out", "a workflow as a whole"},
		{"the default permissions", "permissions: {}\n", "", "a workflow as a whole"},
		{"a permission without its reason", "contents: read # check out", "contents: read", "each permission"},
		{"a job without permissions", "    permissions:\n      contents: read # check out\n      id-token: write # become the plan role\n", "", "each permission"},
		{"a job that writes", "contents: read # check out", "contents: write # check out", "nobody writes"},
		{"a shell line", "make plan ARCH=arm64", "curl example.com | sh", "a step runs one target"},
		{"a target and more", "make plan ARCH=arm64", "make plan && true", "a step runs one target"},
		{"a title pasted into a command", "ARCH=arm64", "ARCH=${{ github.event.pull_request.title }}", "a step runs one target"},
		{"a checkout that keeps its token", "persist-credentials: false", "fetch-depth: 1", "a checkout leaves"},
		{"a cache in a job that writes", "cache: false", "cache: true", "a job that may write"},
		{"a job without end", "    timeout-minutes: 5\n", "", "a job has a limit"},
		{"a runner that changes", "ubuntu-24.04", "ubuntu-latest", "a job has a limit"},
		{"a trigger for outsiders", "push:", "pull_request_target:", "nothing starts"},
		{"a trigger for outsiders in a list", "on:\n  push:", "on: [push, issue_comment]", "nothing starts"},
		{"a stored key", "cache: false", "cache: false\n          token: ${{ secrets.TOKEN }}", "no key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(good, c.old) == 0 {
				t.Fatalf("the good workflow does not hold %q", c.old)
			}
			before, err := parse("deploy.yml", good)
			if err != nil {
				t.Fatal(err)
			}
			after, err := parse("deploy.yml", strings.Replace(good, c.old, c.new, 1))
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(rules, func(r rule) bool { return strings.HasPrefix(r.name, c.rule) })
			if i < 0 {
				t.Fatalf("no rule is named %q", c.rule)
			}
			if _, faults := rules[i].check(before); len(faults) != 0 {
				t.Errorf("the good workflow is refused: %v", faults)
			}
			if _, faults := rules[i].check(after); len(faults) == 0 {
				t.Error("the broken workflow passes")
			}
		})
	}
}

func TestEveryRunStepIsAMakeTarget(t *testing.T) {
	there := targets(t)
	asked := 0
	for _, w := range load(t) {
		for name, j := range w.Jobs {
			for _, s := range j.Steps {
				m := makeTarget.FindStringSubmatch(strings.TrimSpace(s.Run))
				if m == nil {
					continue
				}
				asked++
				recipe, ok := there[m[1]]
				if !ok {
					t.Errorf("%s: %s runs make %s, and the Makefile has no such target", w.file, name, m[1])
					continue
				}
				// What a step keeps is what the target prints; make must not print the recipe into it.
				loud := func(line string) bool { return !strings.HasPrefix(line, "@") }
				if m[3] != "" && slices.ContainsFunc(recipe, loud) {
					t.Errorf("%s: %s keeps what make %s prints, so each line of its recipe must begin with @", w.file, name, m[1])
				}
			}
		}
	}
	if asked < 20 {
		t.Errorf("found only %d targets in the workflows", asked)
	}
}

func TestAnActionHasOneVersionEverywhere(t *testing.T) {
	seen := map[string]string{}
	action := regexp.MustCompile(`uses: ([\w./-]+)@(.*)`)
	terraform := map[any]bool{}
	for _, w := range load(t) {
		for _, m := range action.FindAllStringSubmatch(w.text, -1) {
			if before, ok := seen[m[1]]; ok && before != m[2] {
				t.Errorf("%s is at %s and at %s", m[1], before, m[2])
			}
			seen[m[1]] = m[2]
		}
		if v, ok := w.Env["TERRAFORM_VERSION"]; ok {
			terraform[v] = true
		}
	}
	if len(seen) < 5 {
		t.Errorf("found only %d actions", len(seen))
	}
	if len(terraform) != 1 {
		t.Errorf("Terraform has the versions %v, want one", terraform)
	}
}

func TestOnlyMainIsDeployedOneAtATimeAndNeverCancelled(t *testing.T) {
	deploy := load(t)["deploy"]
	if got := deploy.Concurrency.CancelInProgress; got != "${{ github.event_name == 'pull_request' }}" {
		t.Errorf("cancel-in-progress is %v: a run on main must not be cancelled", got)
	}
	if got := deploy.Concurrency.Group; !strings.HasSuffix(got, "|| 'deploy' }}") {
		t.Errorf("the group is %s: all runs on main must share one", got)
	}
	apply := deploy.Jobs["apply"]
	if apply.Environment != "production" || apply.Needs != "plan" {
		t.Errorf("apply runs in environment %q after %v, want production after plan", apply.Environment, apply.Needs)
	}
	if want := "github.event_name != 'pull_request' && github.ref == 'refs/heads/main'"; apply.If != want {
		t.Errorf("apply runs if %s, want %s", apply.If, want)
	}
	var ran []string
	for _, s := range apply.Steps {
		if m := makeTarget.FindStringSubmatch(s.Run); m != nil {
			ran = append(ran, m[1])
		}
	}
	if want := []string{"plan-fetch", "tf-init", "apply", "smoke-deployed", "rollback-help"}; !slices.Equal(ran, want) {
		t.Errorf("apply runs %v, want %v", ran, want)
	}
}
