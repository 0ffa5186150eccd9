//go:build release

package bundle

import (
	"embed"
	"io/fs"
)

// scripts/release puts the programs there, by an overlay of the build.
//
//go:embed programs/*.gz
var programs embed.FS

func init() {
	sub, err := fs.Sub(programs, "programs")
	if err != nil { // the folder is there, or this file would not have compiled
		panic(err)
	}
	embedded = sub
}
