// Command sbom prints the bill of materials of a Lambda zip, or of an archive with cognito-authorizer, as CycloneDX 1.6
// JSON. It reads it from the program in it, where the Go linker wrote down which modules went in, so it lists what is there and not what a go.mod
// may have meant. It knows no licences: the binary does not hold them. https://cyclonedx.org/docs/1.6/json/
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Lambda's limit for an unpacked zip; a program is far smaller.
const maxProgram = 250 << 20

var errNoProgram = errors.New("no program in it: give a zip of make build-zip or an archive of make dist")

type options struct {
	Version string `help:"Version of the release, for example v1.2.3." required:""`
	Zip     string `arg:"" help:"The zip or archive, for example dist/authorizer.zip." type:"existingfile"`
}

func main() {
	var opts options
	kong.Parse(&opts,
		kong.Name("sbom"),
		kong.Description("Prints what a Lambda zip or a command is made of, as CycloneDX 1.6 JSON."),
		kong.UsageOnError())
	if err := run(opts, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "sbom: %s: %v\n", opts.Zip, err)
		os.Exit(1)
	}
}

func run(opts options, out io.Writer) error {
	content, err := os.ReadFile(opts.Zip)
	if err != nil {
		return err
	}
	info, err := readBuildInfo(content)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(describe(filepath.Base(opts.Zip), opts.Version, hex.EncodeToString(sum[:]), info))
}

// programs are the names of programs in what a release holds.
var programs = []string{"bootstrap", "cognito-authorizer", "cognito-authorizer.exe"}

// readBuildInfo reads what the linker wrote into the program of a zip or a .tar.gz.
func readBuildInfo(content []byte) (*debug.BuildInfo, error) {
	if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) { // gzip
		return readTar(content)
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	for _, f := range archive.File {
		if !slices.Contains(programs, f.Name) {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return readProgram(r)
	}
	return nil, errNoProgram
}

func readTar(content []byte) (*debug.BuildInfo, error) {
	compressed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	archive := tar.NewReader(compressed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil, errNoProgram
		}
		if err != nil {
			return nil, err
		}
		if slices.Contains(programs, header.Name) {
			return readProgram(archive)
		}
	}
}

func readProgram(r io.Reader) (*debug.BuildInfo, error) {
	binary, err := io.ReadAll(io.LimitReader(r, maxProgram))
	if err != nil {
		return nil, err
	}
	return buildinfo.Read(bytes.NewReader(binary))
}

type bom struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Ref     string `json:"bom-ref"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// describe lists the modules of a zip, and Go's standard library, which has vulnerabilities of its own. A module that
// came from this repository has the release's version.
func describe(name, version, sha string, info *debug.BuildInfo) bom {
	whole := module(info.Main.Path, version)
	whole.Type, whole.Name = "application", name
	whole.Hashes = []hash{{"SHA-256", sha}}

	parts := []component{module("std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, dep := range info.Deps {
		switch {
		case dep.Replace == nil:
			parts = append(parts, module(dep.Path, dep.Version))
		case dep.Replace.Version == "": // a folder
			parts = append(parts, module(dep.Path, version))
		default:
			parts = append(parts, module(dep.Replace.Path, dep.Replace.Version))
		}
	}
	refs := make([]string, len(parts))
	for i, part := range parts {
		refs[i] = part.Ref
	}
	return bom{
		Schema:       "http://cyclonedx.org/schema/bom-1.6.schema.json",
		Format:       "CycloneDX",
		SpecVersion:  "1.6",
		Version:      1,
		Metadata:     metadata{whole},
		Components:   parts,
		Dependencies: []dependency{{whole.Ref, refs}},
	}
}

// module names a Go module as other tools look it up. https://github.com/package-url/purl-spec
func module(path, version string) component {
	purl := "pkg:golang/" + path + "@" + url.QueryEscape(version)
	return component{Ref: purl, Type: "library", Name: path, Version: version, PURL: purl}
}
