package bundle

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// Manifest is manifest.json: what was built together. Terraform refuses a zip and a contract that were not.
type Manifest struct {
	Version        string `json:"version"`
	OS             string `json:"os"`                       // as in GOOS: linux, unless the zips are for the local stack of another system
	Architecture   string `json:"architecture"`             // arm64 or amd64
	ZipSHA256      string `json:"zip_sha256"`               // of authorizer.zip, in hex
	APIZipSHA256   string `json:"api_zip_sha256,omitempty"` // of api.zip, in hex; absent if it was not built
	ContractSHA256 string `json:"contract_sha256"`          // of contract.json, in hex
	ContractDigest string `json:"contract_digest"`          // what routes.json in authorizer.zip carries

	// The stage that the build sized policies for, as far as it was given. With longer names policies may be too large: the
	// authorizer then fails, and refuses.
	SizedFor *SizedFor `json:"sized_for,omitempty"`

	// The documents that the build read. Terraform refuses to deploy if one of them has changed since.
	Sources []Source `json:"sources"`
}

// SizedFor names a stage. For each empty field the build assumed the longest usual name.
type SizedFor struct {
	Partition string `json:"partition,omitempty"`
	Region    string `json:"region,omitempty"`
	Stage     string `json:"stage,omitempty"`
}

// Source is a document that the build read.
type Source struct {
	Path   string `json:"path"`   // relative to the folder of the manifest, with slashes
	SHA256 string `json:"sha256"` // in hex
}

// sourcesOf describes the documents of a contract for a manifest in the folder out.
func sourcesOf(compiled *contract.Result, out string) ([]Source, error) {
	out, err := filepath.Abs(out)
	if err != nil {
		return nil, err
	}
	sources := []Source{}
	for _, document := range compiled.Documents {
		path, err := filepath.Abs(document.Path)
		if err == nil {
			path, err = filepath.Rel(out, path)
		}
		if err != nil {
			return nil, err
		}
		sources = append(sources, Source{Path: filepath.ToSlash(path), SHA256: document.SHA256})
	}
	return sources, nil
}

// describe writes contract.json and manifest.json beside the zips.
func (j Job) describe(zips []Zip) error {
	m := Manifest{Version: cli.Version(), OS: j.Target.OS, Architecture: j.Target.Arch, ContractSHA256: j.Compiled.Digest, ContractDigest: j.Compiled.Table.ContractDigest()}
	if sized := SizedFor(j.SizedFor); sized != (SizedFor{}) {
		m.SizedFor = &sized
	}
	for _, z := range zips {
		switch filepath.Base(z.Path) {
		case "authorizer.zip":
			m.ZipSHA256 = z.SHA256
		case "api.zip":
			m.APIZipSHA256 = z.SHA256
		}
	}
	var err error
	if m.Sources, err = sourcesOf(j.Compiled, j.Out); err != nil {
		return err
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(j.Out, "contract.json"), j.Compiled.Contract, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(j.Out, "manifest.json"), append(data, '\n'), 0o644)
}

// ErrMismatch reports files of different builds, or for another machine.
var ErrMismatch = errors.New("the built files cannot be used")

// Load reads the manifest and contract.json in the folder of a build. It refuses an authorizer.zip or a contract.json
// that another build wrote, and zips for another machine than target.
func Load(dir string, target Target) (m Manifest, contractJSON []byte, err error) {
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return m, nil, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, nil, fmt.Errorf("%w: %s: %w", ErrMismatch, filepath.Join(dir, "manifest.json"), err)
	}
	if contractJSON, err = os.ReadFile(filepath.Join(dir, "contract.json")); err != nil {
		return m, nil, err
	}
	authorizer, err := os.ReadFile(filepath.Join(dir, "authorizer.zip"))
	if err != nil {
		return m, nil, err
	}
	sum := func(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }
	built := Target{OS: m.OS, Arch: m.Architecture}
	switch {
	case built != target:
		err = fmt.Errorf("%w: the zips in %s are for %s/%s and this machine is %s/%s: leave out --zips, or build for this machine", ErrMismatch, dir, built.OS, built.Arch, target.OS, target.Arch)
	case sum(authorizer) != m.ZipSHA256:
		err = fmt.Errorf("%w: authorizer.zip in %s is not the one of its manifest.json: build again", ErrMismatch, dir)
	case sum(contractJSON) != m.ContractSHA256 || m.ContractSHA256 != m.ContractDigest:
		err = fmt.Errorf("%w: contract.json in %s is not the one that authorizer.zip was built from: build again", ErrMismatch, dir)
	}
	if err != nil {
		return m, nil, err
	}
	return m, contractJSON, nil
}
