package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// kind is a resource type or a data source.
type kind struct {
	data bool
	name string // as in aws_lambda_function
}

func (k kind) String() string {
	if k.data {
		return "data." + k.name
	}
	return k.name
}

// usage is all that configurations use of the provider.
type usage struct {
	blocks []block
	reads  []read
}

// block is one resource or data source.
type block struct {
	kind kind
	body *hclsyntax.Body
}

// read is an expression that reads an attribute of a resource.
type read struct {
	kind      kind
	attribute string
	at        hcl.Range
}

// kinds returns each kind once.
func (u usage) kinds() map[kind]bool {
	all := map[kind]bool{}
	for _, b := range u.blocks {
		all[b.kind] = true
	}
	return all
}

// readConfigurations reads each .tf file below a folder, except what Terraform has put there.
func readConfigurations(folder string) (u usage, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".terraform":
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".tf":
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return u.add(content, path)
	})
	if err == nil && len(u.blocks) == 0 {
		err = fmt.Errorf("no resource of the AWS provider in %s: name the folder terraform", folder)
	}
	return u, err
}

func (u *usage) add(content []byte, path string) error {
	file, problems := hclsyntax.ParseConfig(content, path, hcl.InitialPos)
	if problems.HasErrors() {
		return problems
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return fmt.Errorf("%s is not in HCL's native syntax", path)
	}
	for _, b := range body.Blocks {
		if (b.Type == "resource" || b.Type == "data") && len(b.Labels) == 2 && strings.HasPrefix(b.Labels[0], "aws_") {
			u.blocks = append(u.blocks, block{kind{b.Type == "data", b.Labels[0]}, b.Body})
		}
	}
	problems = hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
		switch node := node.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			u.addRead(node.Traversal)
		case *hclsyntax.SplatExpr: // aws_x.y[*].attribute
			if source, ok := node.Source.(*hclsyntax.ScopeTraversalExpr); ok {
				if each, ok := node.Each.(*hclsyntax.RelativeTraversalExpr); ok {
					u.addRead(append(slices.Clone(source.Traversal), each.Traversal...))
				}
			}
		case *hclsyntax.RelativeTraversalExpr: // aws_x.y[each.key].attribute
			if index, ok := node.Source.(*hclsyntax.IndexExpr); ok {
				if source, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr); ok {
					u.addRead(append(slices.Clone(source.Traversal), node.Traversal...))
				}
			}
		}
		return nil
	})
	if problems.HasErrors() {
		return problems
	}
	return nil
}

// addRead adds a traversal such as aws_x.y[0].attribute.more if it reads an attribute of a resource.
func (u *usage) addRead(traversal hcl.Traversal) {
	var names []string
	for _, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, step.Name)
		case hcl.TraverseAttr:
			names = append(names, step.Name)
		}
	}
	data := len(names) > 0 && names[0] == "data"
	if data {
		names = names[1:]
	}
	if len(names) >= 3 && strings.HasPrefix(names[0], "aws_") {
		u.reads = append(u.reads, read{kind{data, names[0]}, names[2], traversal.SourceRange()})
	}
}
