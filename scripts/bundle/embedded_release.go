//go:build release

package bundle

import (
	"embed"
	"io/fs"
)

// scripts/workflows/dist.sh writes the programs there before it builds the command.
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
