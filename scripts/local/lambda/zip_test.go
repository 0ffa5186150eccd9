package lambda

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/lambda/lambdatest"
)

func TestUnusableZipsAreRefused(t *testing.T) {
	bootstrap := lambdatest.File{Name: "bootstrap", Mode: 0o755, Content: []byte("#!/bin/sh\n")}
	evil := func(name string) []lambdatest.File {
		return []lambdatest.File{bootstrap, {Name: name, Mode: 0o644, Content: []byte("evil")}}
	}
	for _, tt := range []struct {
		name  string
		files []lambdatest.File
		want  string
	}{
		{"a name outside of the directory", evil("../escaped"), `"../escaped"`},
		{"a name that leaves the directory", evil("a/../../escaped"), `"a/../../escaped"`},
		{"an absolute name", evil("/escaped"), `"/escaped"`},
		{"a name with backslashes", evil(`..\escaped`), "leads out of the zip"},
		{"an empty name", evil(""), `""`},
		{"a duplicate name", evil("bootstrap"), "duplicate name"},
		{"a file instead of a directory", evil("bootstrap/x"), `"bootstrap/x"`},
		{"a symbolic link", []lambdatest.File{bootstrap, {Name: "link", Mode: 0o777 | os.ModeSymlink, Content: []byte("/etc")}}, "only directories and regular files"},
		{"a device", []lambdatest.File{bootstrap, {Name: "zero", Mode: 0o666 | os.ModeDevice | os.ModeCharDevice}}, "only directories and regular files"},
		{"no bootstrap", []lambdatest.File{{Name: "bin/bootstrap", Mode: 0o755}}, "no file named bootstrap"},
		{"a bootstrap that is a directory", []lambdatest.File{{Name: "bootstrap/", Mode: 0o755 | os.ModeDir}}, "must be an executable file"},
		{"a bootstrap that is not executable", []lambdatest.File{{Name: "bootstrap", Mode: 0o644}}, "must be an executable file"},
		{"nothing", nil, "no file named bootstrap"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := lambdatest.Zip(t, tt.files...)
			parent := t.TempDir()
			dir := filepath.Join(parent, "unpacked")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			err := unpack(path, dir)
			if !errors.Is(err, ErrZip) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want ErrZip that names the zip and says %s", err, tt.want)
			}
			if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
				t.Errorf("entries next to the directory: %v, %v", entries, err)
			}
		})
	}
}

func TestAFileThatIsNotAZipLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "function.zip")
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Start(Options{Name: "f", Zip: path})
	if !errors.Is(err, ErrZip) || f != nil {
		t.Errorf("got %v, %v", f, err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPermissionBits(t *testing.T) {
	dir := t.TempDir()
	err := unpack(lambdatest.Zip(t,
		lambdatest.File{Name: "bootstrap", Mode: 0o755 | os.ModeSetuid},
		lambdatest.File{Name: "a/b/routes.json", Mode: 0o666},
		lambdatest.File{Name: "secret", Mode: 0o600},
	), dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"bootstrap": 0o755, "a/b/routes.json": 0o666, "secret": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
}

func TestTheUnpackedSizeIsLimited(t *testing.T) {
	path := lambdatest.Zip(t, lambdatest.File{Name: "bootstrap", Mode: 0o755, Content: make([]byte, 101)})
	dir := t.TempDir()
	if err := unpackWithin(path, dir, 100); !errors.Is(err, ErrZip) || !strings.Contains(err.Error(), "are larger than") {
		t.Errorf("one byte over the limit: %v", err)
	}
	if err := unpackWithin(path, t.TempDir(), 101); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestALongLineIsSplit(t *testing.T) {
	var got []string
	log := &lineLog{to: writerFunc(func(p []byte) { got = append(got, string(p)) })}
	w := log.source()
	_, _ = w.Write([]byte(strings.Repeat("x", maxLine-1)))
	if len(got) != 0 {
		t.Fatal("written before its newline")
	}
	_, _ = w.Write([]byte("xy"))
	if len(got) != 1 || len(got[0]) != maxLine+2 || !strings.HasSuffix(got[0], "y\n") {
		t.Fatalf("%d lines", len(got))
	}
	_, _ = w.Write([]byte("a\nb\n\nc"))
	w.flush()
	w.flush()
	if strings.Join(got[1:], "|") != "a\n|b\n|\n|c\n" {
		t.Errorf("got %q", got[1:])
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
