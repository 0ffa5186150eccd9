// Package roots keeps Go from reading the certificates that the system trusts more than once.
//
// Go reads the system's bundle, and then every file of the directories beside it. On Amazon Linux these hold the same
// certificates again, some twice, and to parse them is most of what the first TLS connection of a function costs: at
// 128 MB more than half a second. See https://github.com/golang/go/issues/79018 and
// https://github.com/golang/go/issues/38869; once they are closed, this package can go.
package roots

import "os"

// bundle is where Amazon Linux, which Lambda's provided runtimes are, has all of them in one file.
const bundle = "/etc/pki/tls/certs/ca-bundle.crt"

// FromBundle lets this process trust what is in the bundle, and read no directory. It is to be called before the first
// TLS connection. Where SSL_CERT_FILE or SSL_CERT_DIR is set, or where there is no bundle, it changes nothing.
func FromBundle() { fromBundle(bundle) }

// The two variables by which crypto/x509 is told where to look.
const (
	fileVariable = "SSL_CERT_FILE"
	dirVariable  = "SSL_CERT_DIR"
)

func fromBundle(path string) {
	if os.Getenv(fileVariable) != "" || os.Getenv(dirVariable) != "" {
		return
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return
	}
	_ = os.Setenv(fileVariable, path)
	_ = os.Setenv(dirVariable, os.DevNull) // no directory at all; an empty text would mean Go's own list
}
