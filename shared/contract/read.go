package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

const (
	maxBytes = 64 << 20 // of a document or an overlay
	maxDepth = 256      // of nested lists and objects
)

// syntaxError is a problem after which there is no tree. It becomes a finding.
type syntaxError struct {
	at      position
	message string
	wayOut  string
}

// readFile reads one document in YAML or JSON. It reports errors in the content as findings; the node is nil if the document cannot be
// used. The error is one of the file system.
func (c *compiler) readFile(path string) (*node, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, err
	}
	whole := position{file: path}
	if len(data) > maxBytes {
		c.refuse("too-large", whole, "", fmt.Sprintf("the file has more than %d MiB", maxBytes>>20), "Split the API, or leave schemas and examples out")
		return nil, nil
	}
	c.documents = append(c.documents, Document{Path: path, SHA256: digest(data)})
	root, problems := parse(path, data)
	for _, p := range problems {
		c.refuse("syntax", p.at, "", p.message, p.wayOut)
	}
	if len(problems) > 0 {
		return nil, nil
	}
	if err := checkExtent(root, c.extents); err != nil {
		c.refuse("too-large", whole, "", err.Error(), "Use fewer aliases")
		return nil, nil
	}
	if root.kind != object {
		c.refuse("syntax", root.at, "", fmt.Sprintf("the document is %s, not an object", root.kind), "")
		return nil, nil
	}
	return root, nil
}

// parse parses JSON, or YAML if the text is not JSON.
func parse(path string, data []byte) (*node, []*syntaxError) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	whole := position{file: path}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, []*syntaxError{{at: whole, message: "the file is empty"}}
	}
	if !utf8.Valid(data) {
		return nil, []*syntaxError{{at: whole, message: "the file is not UTF-8", wayOut: "Save it as UTF-8"}}
	}
	isJSON := strings.EqualFold(filepath.Ext(path), ".json")
	if first := bytes.TrimLeft(data, " \t\r\n")[0]; first == '{' || isJSON {
		root, problems, valid := parseJSON(path, data)
		if valid || isJSON {
			return root, problems
		}
	}
	return parseYAML(path, data)
}

var errDeep = errors.New("values are nested too deeply")
