package bundle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

// Manifest is manifest.json: what was built together. Terraform refuses a zip and a contract that were not.
type Manifest struct {
	Version        string `json:"version"`
	Architecture   string `json:"architecture"`    // arm64 or amd64
	ZipSHA256      string `json:"zip_sha256"`      // of authorizer.zip, in hex
	APIZipSHA256   string `json:"api_zip_sha256"`  // of api.zip, in hex
	ContractSHA256 string `json:"contract_sha256"` // of contract.json, in hex
	ContractDigest string `json:"contract_digest"` // what routes.json in authorizer.zip carries
}

// describe writes contract.json and manifest.json beside the zips.
func describe(out string, zips []Zip, compiled *contract.Result, target Target) error {
	m := Manifest{Version: version(), Architecture: target.Arch, ContractSHA256: compiled.Digest, ContractDigest: compiled.Table.Contract()}
	for _, z := range zips {
		switch filepath.Base(z.Path) {
		case "authorizer.zip":
			m.ZipSHA256 = z.SHA256
		case "api.zip":
			m.APIZipSHA256 = z.SHA256
		}
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "contract.json"), compiled.Contract, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "manifest.json"), append(data, '\n'), 0o644)
}

// version is that of the module that was built, "devel" in a clone.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
