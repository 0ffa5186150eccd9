package lambda

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxUnzipped is what a function may come to when unpacked.
const maxUnzipped = 250 << 20

// ErrZip reports that a deployment zip cannot be used: it is no zip, or what is in it is not fit to be run.
var ErrZip = errors.New("unusable deployment zip")

// unpack writes the files of the zip into dir, an empty folder, with their permission bits. It writes nothing
// outside of dir, whatever the names in the zip say, and takes only folders and plain files.
func unpack(path, dir string) error { return unpackWithin(path, dir, maxUnzipped) }

func unpackWithin(path, dir string, limit int64) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrZip, path, err)
	}
	defer func() { _ = archive.Close() }() // only read
	root, err := os.OpenRoot(dir)          // refuses what leaves dir, by name or through a link
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()

	left := limit
	for _, f := range archive.File {
		n, err := unpackFile(root, f, left)
		if err != nil {
			return fmt.Errorf("%w: %s: %q: %w", ErrZip, path, f.Name, err)
		}
		if left -= n; left < 0 {
			return fmt.Errorf("%w: %s: its files come to more than %d bytes", ErrZip, path, limit)
		}
	}
	bootstrap, err := root.Stat("bootstrap")
	if err != nil {
		return fmt.Errorf("%w: %s: there is no file named bootstrap at its root", ErrZip, path)
	}
	if !bootstrap.Mode().IsRegular() || hasModes && bootstrap.Mode()&0o111 == 0 {
		return fmt.Errorf("%w: %s: bootstrap has mode %v; it must be an executable file (0755)", ErrZip, path, bootstrap.Mode())
	}
	if program != "bootstrap" {
		return root.Rename("bootstrap", program)
	}
	return nil
}

// unpackFile writes one entry and returns how many bytes it came to: at most one more than the limit.
func unpackFile(root *os.Root, f *zip.File, limit int64) (int64, error) {
	name := strings.TrimSuffix(f.Name, "/")
	if !filepath.IsLocal(name) || strings.Contains(name, `\`) {
		return 0, errors.New("the name leads out of the zip")
	}
	mode := f.Mode()
	switch {
	case mode.IsDir():
		return 0, root.MkdirAll(name, 0o755)
	case !mode.IsRegular():
		return 0, fmt.Errorf("a %v, where only folders and plain files may be", mode.Type())
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return 0, err
	}
	src, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer src.Close()
	dst, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // a name may come once
	if errors.Is(err, fs.ErrExist) {
		return 0, errors.New("the name comes twice")
	} else if err != nil {
		return 0, err
	}
	n, err := io.Copy(dst, io.LimitReader(src, limit+1))
	// Set here rather than on opening, where the umask of this process would take bits away.
	return n, errors.Join(err, dst.Chmod(mode.Perm()), dst.Close())
}
