package main

import (
	"archive/zip"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const sharedModule = "github.com/cognito-authorizer/cognito-authorizer/shared"

// publish lays the module shared out as a module proxy has it, at the version of the tag shared/VERSION.
// https://go.dev/ref/mod#goproxy-protocol
func publish(t *testing.T, proxy, version string) {
	t.Helper()
	folder := filepath.Join(proxy, filepath.FromSlash(sharedModule), "@v")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(root + "/shared/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	write("list", []byte(version+"\n"))
	write(version+".info", info)
	write(version+".mod", mod)

	f, err := os.Create(filepath.Join(folder, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := zip.NewWriter(f)
	tree := os.DirFS(root + "/shared")
	err = fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, path)
		if err != nil {
			return err
		}
		in, err := w.Create(sharedModule + "@" + version + "/" + path)
		if err == nil {
			_, err = in.Write(content)
		}
		return err
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

const importer = `package main

import (
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/identity"
)

func main() {
	caller, err := identity.FromContext(map[string]any{"sub": "s-1", "clientId": "web", "tokenUse": "access", "expiresAt": "2026-11-29T12:00:00Z", "groups": "staff managers"})
	fmt.Println(caller.Subject, caller.Groups, err)
	_, err = cognito.NewVerifier(cognito.Config{})
	fmt.Println(err != nil)
}
`

// TestASharedModuleIsImportedWithGoGet is the way of a Go team that imports the module, by a tag shared/v1.2.3. What it depends on
// comes from the module cache of this machine, so the test needs no network.
func TestASharedModuleIsImportedWithGoGet(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the module was not imported")
	}
	cache, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	proxy, folder := t.TempDir(), t.TempDir()
	publish(t, proxy, "v1.2.3")
	for name, content := range map[string]string{"main.go": importer, "go.mod": "module example.com/orders\n\ngo 1.27.0\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(path string) string { return "file://" + filepath.ToSlash(path) }
	env := append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod -modcacherw -trimpath", "CGO_ENABLED=0", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOMODCACHE="+t.TempDir(),
		"GOPROXY="+file(proxy)+","+file(filepath.Join(strings.TrimSpace(string(cache)), "cache", "download")))
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = folder, env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("get", sharedModule+"/identity@v1.2.3", sharedModule+"/cognito@v1.2.3")
	if got := run("list", "-m", sharedModule); got != sharedModule+" v1.2.3\n" {
		t.Errorf("go list -m: %s", got)
	}
	if got := run("run", "."); got != "s-1 [staff managers] <nil>\ntrue\n" {
		t.Errorf("go run: %s", got)
	}
}

// A release without the tag of the shared module cannot be imported, so it is not made.
func TestATagNeedsTheTagOfTheSharedModule(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	script, err := filepath.Abs(root + "/scripts/workflows/check-tag.sh")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	run := func(name string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "TAG=v1.2.3", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	git := func(args ...string) {
		t.Helper()
		if out, err := run("git", append([]string{"-c", "user.name=n", "-c", "user.email=n@example.com"}, args...)...); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "--quiet")
	git("commit", "--quiet", "--allow-empty", "--message", "one")
	git("tag", "shared/v1.2.3") // on another commit
	git("commit", "--quiet", "--allow-empty", "--message", "two")
	git("update-ref", "refs/remotes/origin/main", "HEAD")
	git("tag", "v1.2.3")
	if out, err := run(script); err == nil || !strings.Contains(out, "git tag shared/v1.2.3 v1.2.3") {
		t.Errorf("with the tag on another commit: %v, %s", err, out)
	}
	git("tag", "--force", "shared/v1.2.3")
	if out, err := run(script); err != nil {
		t.Errorf("%v, %s", err, out)
	}
}
