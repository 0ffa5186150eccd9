package bundle

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// embedded holds the authorizer's programs of a release, such as linux_arm64.gz, beside each other in one folder. It is
// nil in a clone, where they are compiled.
var embedded fs.FS

// Embedded reports whether this is a release, which needs neither Go nor a clone to build an authorizer.
func Embedded() bool { return embedded != nil }

// ErrNoProgram reports that there is nothing to build from.
var ErrNoProgram = errors.New("the authorizer's program is not there")

func embeddedBootstrap(name string, target Target) ([]byte, error) {
	if embedded == nil {
		return nil, fmt.Errorf("%w: this command was not made by a release, so it needs a clone: run it there, or name the clone by --root", ErrNoProgram)
	}
	if name != "authorizer" {
		return nil, fmt.Errorf("%w: the sample API is built in a clone only: name it by --root", ErrNoProgram)
	}
	f, err := embedded.Open(target.OS + "_" + target.Arch + ".gz")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: this release has none for %s/%s", ErrNoProgram, target.OS, target.Arch)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
