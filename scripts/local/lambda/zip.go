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

// maxUnzipped is Lambda's limit on the unpacked size in bytes.
const maxUnzipped = 250 << 20

// ErrZip reports an unusable deployment zip: not a zip, or without the files that Lambda needs.
var ErrZip = errors.New("unusable deployment zip")

// unpack writes the files of the zip, with their permission bits, into the empty directory dir. It never writes outside of dir,
// whatever names the zip contains, and accepts only directories and regular files.
func unpack(path, dir string) error { return unpackWithin(path, dir, maxUnzipped) }

func unpackWithin(path, dir string, limit int64) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrZip, path, err)
	}
	defer func() { _ = archive.Close() }() // only read
	root, err := os.OpenRoot(dir)          // refuses names and links that leave dir
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
			return fmt.Errorf("%w: %s: its files are larger than %d bytes in total", ErrZip, path, limit)
		}
	}
	bootstrap, err := root.Stat("bootstrap")
	if err != nil {
		return fmt.Errorf("%w: %s: no file named bootstrap at its root", ErrZip, path)
	}
	if !bootstrap.Mode().IsRegular() || hasModes && bootstrap.Mode()&0o111 == 0 {
		return fmt.Errorf("%w: %s: bootstrap has mode %v; it must be an executable file (0755)", ErrZip, path, bootstrap.Mode())
	}
	if program != "bootstrap" {
		return root.Rename("bootstrap", program)
	}
	return nil
}

// unpackFile writes one entry and returns its size, which is at most one byte more than the limit.
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
		return 0, fmt.Errorf("%v: only directories and regular files are allowed", mode.Type())
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return 0, err
	}
	src, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer src.Close()
	dst, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // fails for a duplicate name
	if errors.Is(err, fs.ErrExist) {
		return 0, errors.New("duplicate name")
	} else if err != nil {
		return 0, err
	}
	n, err := io.Copy(dst, io.LimitReader(src, limit+1))
	// Set afterwards, because the umask of this process would apply when opening.
	return n, errors.Join(err, dst.Chmod(mode.Perm()), dst.Close())
}
