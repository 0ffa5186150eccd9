package workflows

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A rule is one convention of the workflows. Its check says how many things it looked at and what is wrong with them.
type rule struct {
	name  string
	check func(workflow) (looked int, faults []string)
}

var (
	usesLine       = regexp.MustCompile(`(?m)^[ -]*uses: *(.*)$`)
	pinned         = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	makeTarget     = regexp.MustCompile(`^make ([a-z][a-z0-9/-]*)((?: [A-Z]+=[\w.]+)*)( >> "\$GITHUB_(?:OUTPUT|STEP_SUMMARY)")?$`)
	permissionLine = regexp.MustCompile(`(?m)^ +(?:actions|artifact-metadata|attestations|checks|contents|deployments|discussions|id-token|issues|models|packages|pages|pull-requests|security-events|statuses): *(?:read|write|none) *(#.*)?$`)
	outsiders      = regexp.MustCompile(`\b(pull_request_target|workflow_run|issue_comment|issues)\b`)
	storedKey      = regexp.MustCompile(`\bsecrets *[.[]|secrets: *inherit|aws-access-key-id|aws-secret-access-key`)
)

// Jobs that may do more than read this repository.
var mayWrite = map[string][]string{
	"deploy.yml/plan":     {"id-token"},
	"deploy.yml/apply":    {"id-token"},
	"release.yml/publish": {"attestations", "contents", "id-token"},
}

var rules = []rule{
	{"an action is pinned by its full commit, with the version beside it", func(w workflow) (int, []string) {
		var faults []string
		lines := usesLine.FindAllStringSubmatch(w.text, -1)
		for _, m := range lines {
			if !pinned.MatchString(m[1]) && !strings.HasPrefix(m[1], "./") {
				faults = append(faults, m[1])
			}
		}
		parsed := 0
		for _, j := range w.Jobs {
			if j.Uses != "" {
				parsed++
			}
			for _, s := range j.Steps {
				if s.Uses != "" {
					parsed++
				}
			}
		}
		if parsed != len(lines) {
			faults = append(faults, fmt.Sprintf("%d uses in the document, %d of them on a line of their own", parsed, len(lines)))
		}
		return len(lines), faults
	}},
	{"a workflow as a whole has no permissions", func(w workflow) (int, []string) {
		if p, ok := w.Permissions.(map[string]any); !ok || len(p) != 0 {
			return 1, []string{fmt.Sprintf("permissions: %v", w.Permissions)}
		}
		return 1, nil
	}},
	{"each permission of a job has its reason beside it", func(w workflow) (int, []string) {
		var faults []string
		lines := permissionLine.FindAllStringSubmatch(w.text, -1)
		for _, m := range lines {
			if len(strings.TrimLeft(m[1], "# ")) < 5 {
				faults = append(faults, strings.TrimSpace(m[0]))
			}
		}
		parsed := 0
		for name, j := range w.Jobs {
			parsed += len(j.Permissions)
			if len(j.Permissions) == 0 {
				faults = append(faults, name+" has no permissions of its own")
			}
		}
		if parsed != len(lines) {
			faults = append(faults, fmt.Sprintf("%d permissions in the document, %d of them on a line of their own", parsed, len(lines)))
		}
		return len(lines), faults
	}},
	{"nobody writes but the jobs known to", func(w workflow) (int, []string) {
		var faults []string
		looked := 0
		for name, j := range w.Jobs {
			for permission, access := range j.Permissions {
				looked++
				if access != "read" && !slices.Contains(mayWrite[w.file+"/"+name], permission) {
					faults = append(faults, fmt.Sprintf("%s: %s: %s", name, permission, access))
				}
			}
		}
		return looked, faults
	}},
	{"a step runs one target of the Makefile, with nothing pasted into it", func(w workflow) (int, []string) {
		return eachStep(w, func(_ job, s step) (bool, string) {
			if s.Run == "" {
				return false, ""
			}
			if !makeTarget.MatchString(strings.TrimSpace(s.Run)) {
				return true, s.Run
			}
			return true, ""
		})
	}},
	{"a checkout leaves no credentials behind", func(w workflow) (int, []string) {
		return eachStep(w, func(_ job, s step) (bool, string) {
			if !strings.HasPrefix(s.Uses, "actions/checkout@") {
				return false, ""
			}
			if s.With["persist-credentials"] != false {
				return true, fmt.Sprintf("persist-credentials: %v", s.With["persist-credentials"])
			}
			return true, ""
		})
	}},
	{"a job that may write reads nothing from a cache that others fill", func(w workflow) (int, []string) {
		return eachStep(w, func(j job, s step) (bool, string) {
			if !strings.HasPrefix(s.Uses, "actions/setup-go@") || !writes(j) {
				return false, ""
			}
			if s.With["cache"] != false {
				return true, fmt.Sprintf("setup-go with cache: %v", s.With["cache"])
			}
			return true, ""
		})
	}},
	{"a job has a limit of time and a runner that stays the same", func(w workflow) (int, []string) {
		var faults []string
		for name, j := range w.Jobs {
			if j.Uses == "" && (j.Timeout == 0 || j.RunsOn == "" || strings.Contains(j.RunsOn, "latest")) {
				faults = append(faults, fmt.Sprintf("%s: timeout-minutes: %d, runs-on: %s", name, j.Timeout, j.RunsOn))
			}
		}
		return len(w.Jobs), faults
	}},
	{"nothing starts with our rights on what an outsider sends", func(w workflow) (int, []string) {
		if m := outsiders.FindString(fmt.Sprint(w.On)); m != "" {
			return 1, []string{m}
		}
		return 1, nil
	}},
	{"no key is stored", func(w workflow) (int, []string) {
		return 1, storedKey.FindAllString(w.text, -1)
	}},
}

func writes(j job) bool {
	for _, access := range j.Permissions {
		if access == "write" {
			return true
		}
	}
	return false
}

// eachStep applies a rule to each step.
func eachStep(w workflow, ask func(job, step) (bool, string)) (looked int, faults []string) {
	for name, j := range w.Jobs {
		for _, s := range j.Steps {
			asked, fault := ask(j, s)
			if asked {
				looked++
			}
			if fault != "" {
				faults = append(faults, name+": "+fault)
			}
		}
	}
	return looked, faults
}
