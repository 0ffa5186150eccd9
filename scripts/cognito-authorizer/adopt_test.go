package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/stack"
)

// block is a fenced block of docs/adopt.md.
type block struct{ language, text string }

func adopt(t *testing.T) []block {
	t.Helper()
	page, err := os.ReadFile(root + "/docs/adopt.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	if len(blocks) < 15 {
		t.Fatalf("%d blocks were found", len(blocks))
	}
	return blocks
}

// find returns the block of a language that contains a string.
func find(t *testing.T, language, contains string) string {
	t.Helper()
	for _, b := range adopt(t) {
		if b.language == language && strings.Contains(b.text, contains) {
			return b.text
		}
	}
	t.Fatalf("the page has no %s with %q", language, contains)
	return ""
}

func TestTheRulesAndExpectationsOfThePageFitTogether(t *testing.T) {
	contract := "openapi: 3.0.3\ninfo: {title: Orders, version: \"1\"}\n" + find(t, "yaml", "  /orders:\n")
	files := map[string]string{"openapi.yaml": contract, "cases.yaml": find(t, "yaml", "cases:\n")}
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range []string{"check openapi.yaml --strict", "test openapi.yaml cases.yaml --strict"} {
		var out strings.Builder
		if code := app().Run(t.Context(), strings.Fields(args), cli.Console{In: os.Stdin, Out: &out, Err: &out}); code != 0 {
			t.Errorf("%s: exit code %d\n%s", args, code, out.String())
		}
	}
}

func TestTheCommandLinesOfThePageAreUnderstood(t *testing.T) {
	seen := 0
	call := regexp.MustCompile(`(?m)(?:^|\./| )cognito-authorizer ((?:check|routes|explain|test|build|run|demo|smoke|token) [^\n|#)]*)`)
	for _, b := range adopt(t) {
		if b.language != "sh" && b.language != "yaml" {
			continue
		}
		for _, m := range call.FindAllStringSubmatch(b.text, -1) {
			seen++
			parser, err := app().Parser(t.Context(), cli.Console{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(strings.Fields(m[1])); err != nil {
				t.Errorf("cognito-authorizer %s: %v", m[1], err)
			}
		}
	}
	if seen < 8 {
		t.Errorf("%d command lines were found", seen)
	}
}

func TestPageAndExampleHaveTheValidationExpressionThatIsTested(t *testing.T) {
	for file, want := range map[string]int{"docs/adopt.md": 4, "examples/cdk/lib/cognito-authorizer.ts": 1} {
		content, err := os.ReadFile(root + "/" + file)
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.ReplaceAll(string(content), `\\.`, `\.`)
		if all, same := strings.Count(plain, "^[Bb]"), strings.Count(plain, stack.ValidationExpression); all != want || same != want {
			t.Errorf("%s: %d of %d are the one that the local stack uses, want %d", file, same, all, want)
		}
	}
}

func TestTheExcerptsOfThePageAreThoseOfTheExample(t *testing.T) {
	for name, block := range map[string]string{
		"lib/orders-stack.ts": find(t, "ts", "new CognitoAuthorizer("),
		"lib/identity.ts":     find(t, "ts", "// identity.ts"),
		"backend/handler.mjs": find(t, "js", "// handler.mjs"),
	} {
		file, err := os.ReadFile(root + "/examples/cdk/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(file), block) {
			t.Errorf("examples/cdk/%s has not this of docs/adopt.md:\n%s", name, block)
		}
	}
}

// The body for API Gateway has the authorizer as a scheme, which is not a rule unless it is declared to stand for the token.
func TestADocumentWithTheAuthorizerForAPIGatewayIsUnderstood(t *testing.T) {
	document := "openapi: 3.0.3\ninfo: {title: Orders, version: \"1\"}\npaths:\n  /status:\n    get: {security: [], responses: {}}\n" +
		"  /orders:\n    get: {security: [{cognito-authorizer: []}], responses: {}}\n" + strings.Replace(find(t, "yaml", "authorizerUri: "), "in: header\n", "in: header\n      x-authorizer-token: true\n", 1)
	path := filepath.Join(t.TempDir(), "body.yaml")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if code := app().Run(t.Context(), []string{"routes", path}, cli.Console{In: os.Stdin, Out: &out, Err: &out}); code != 0 || !strings.Contains(out.String(), "GET /orders   any signed-in caller") {
		t.Errorf("exit code %d\n%s", code, out.String())
	}
}

// The events of a person in two groups and of a machine client, from a REST API and an HTTP API with format 2.0.
const handlerEvents = `[
 {"requestContext": {"authorizer": {"sub": "s-1", "username": "ann", "clientId": "web", "groups": "staff managers", "tokenUse": "access", "expiresAt": "2026-11-29T12:00:00Z"}}},
 {"requestContext": {"authorizer": {"lambda": {"sub": "c-1", "clientId": "c-1", "scopes": "orders/read", "tokenUse": "access", "expiresAt": "2026-11-29T12:00:00Z"}}}}
]`

const handlerResults = `[
 {"sub": "s-1", "username": "ann", "clientId": "web", "groups": ["staff", "managers"], "scopes": []},
 {"sub": "c-1", "username": null, "clientId": "c-1", "groups": [], "scopes": ["orders/read"]}
]`

// handles runs a program that prints what the handler of the page makes of the events, as a JSON list.
func handles(t *testing.T, files map[string]string, command ...string) {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skipf("there is no %s: the handler was not run", command[0])
	}
	dir := t.TempDir()
	files["events.json"] = handlerEvents
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var got, want any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := json.Unmarshal([]byte(handlerResults), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", out)
	}
}

func TestTheHandlersOfThePageReadTheCaller(t *testing.T) {
	t.Run("node", func(t *testing.T) {
		handles(t, map[string]string{"handler.mjs": find(t, "js", "// handler.mjs"), "try.mjs": `
import { readFileSync } from "node:fs";
import { handler } from "./handler.mjs";
const events = JSON.parse(readFileSync("events.json"));
console.log(JSON.stringify(await Promise.all(events.map(async (e) => JSON.parse((await handler(e)).body)))));
`}, "node", "try.mjs")
	})
	t.Run("python", func(t *testing.T) {
		handles(t, map[string]string{"app.py": find(t, "python", "# app.py"), "try.py": `
import json
import app
print(json.dumps([json.loads(app.handler(e, None)["body"]) for e in json.load(open("events.json"))]))
`}, "python3", "-B", "try.py")
	})
	t.Run("java", func(t *testing.T) {
		const try = `
class Try {
    public static void main(String[] args) {
        print("[", Caller.of(Map.of("requestContext", Map.of("authorizer", Map.of("sub", "s-1", "username", "ann", "clientId", "web", "groups", "staff managers")))));
        print(",", Caller.of(Map.of("requestContext", Map.of("authorizer", Map.of("lambda", Map.of("sub", "c-1", "clientId", "c-1", "scopes", "orders/read"))))));
        System.out.println("]");
    }
    static String json(String s) { return s == null ? "null" : "\"" + s + "\""; }
    static String json(List<String> l) { return "[" + String.join(",", l.stream().map(Try::json).toList()) + "]"; }
    static void print(String before, Caller c) {
        System.out.printf("%s{\"sub\":%s,\"username\":%s,\"clientId\":%s,\"groups\":%s,\"scopes\":%s}%n", before, json(c.sub()), json(c.username()), json(c.clientId()), json(c.groups()), json(c.scopes()));
    }
}

`
		// java runs the first class of a source file.
		source := strings.Replace(find(t, "java", "// Caller.java"), "public record", try+"record", 1)
		handles(t, map[string]string{"Try.java": source}, "java", "Try.java")
	})
	t.Run("go", func(t *testing.T) {
		dir := t.TempDir()
		sum, err := os.ReadFile(root + "/scripts/go.sum")
		if err != nil {
			t.Fatal(err)
		}
		module, err := os.ReadFile(root + "/scripts/go.mod")
		if err != nil {
			t.Fatal(err)
		}
		shared, err := filepath.Abs(root + "/shared")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(module), "module github.com/cognito-authorizer/cognito-authorizer/scripts", "module example.com/orders", 1)
		text = regexp.MustCompile(`(cognito-authorizer/shared) => \S+`).ReplaceAllString(text, "$1 => "+shared)
		for name, content := range map[string]string{"main.go": find(t, "go", "shared/identity"), "go.sum": string(sum), "go.mod": text} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "go", "vet", ".")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-trimpath", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}
