// Package roots makes Go parse the system's trusted root certificates only once.
//
// Go reads the system's bundle and then every file in the certificate directories. On Amazon Linux the directories contain the
// same certificates again, some twice. Parsing them is most of the cost of a function's first TLS connection: more than half a
// second at 128 MB. See https://github.com/golang/go/issues/79018 and https://github.com/golang/go/issues/38869. When they
// are closed, this package can be removed.
package roots

import "os"

// bundle is the file with all trusted roots on Amazon Linux, the system of Lambda's OS-only runtimes.
const bundle = "/etc/pki/tls/certs/ca-bundle.crt"

// FromBundle makes this process trust the certificates of the bundle and read no directory. Call it before the first TLS
// connection. If SSL_CERT_FILE or SSL_CERT_DIR is set, or if there is no bundle, it changes nothing.
func FromBundle() { fromBundle(bundle) }

// The environment variables that tell crypto/x509 where the certificates are.
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
	_ = os.Setenv(dirVariable, os.DevNull) // no directory; an empty string would mean Go's default list
}
