package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strings"
)

// schema is what one version of the provider knows of the kinds that are used.
type schema struct {
	version string
	kinds   map[kind]*kindSchema
}

type kindSchema struct {
	arguments  string            // the object of the kind itself
	objects    map[string]object // that object and those of its blocks
	attributes map[string]bool   // what can be read, in lower camel case
}

// object is the arguments and blocks of a resource or of a block, by name.
type object map[string]argument

type argument struct {
	required bool
	object   string // of a block or of an object value
}

// eachFile calls do for each file of an npm package.
func eachFile(archive string, do func(name string, content io.Reader) error) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		if err := do(strings.TrimPrefix(header.Name, "package/"), files); err != nil {
			return err
		}
	}
}

var (
	declared   = regexp.MustCompile(`^export declare class \w+ extends cdktn\.(TerraformResource|TerraformDataSource) \{`)
	typeName   = regexp.MustCompile(`static readonly tfResourceType = "(\w+)"`)
	interfaced = regexp.MustCompile(`^export interface (\w+)`)
	documented = regexp.MustCompile(`\{@link https://registry\.terraform\.io/providers/hashicorp/aws/([0-9.]+)/docs/[^#]+#(\w+) `)
	property   = regexp.MustCompile(`^    readonly \w+(\??): (\w*)`)
	getter     = regexp.MustCompile(`^    get (\w+)\(\)`)
)

// readBindings reads the declarations of @cdktn/provider-aws for the kinds that are used.
func readBindings(archive string, used usage) (schema, error) {
	known, wanted := schema{kinds: map[kind]*kindSchema{}}, used.kinds()
	err := eachFile(archive, func(name string, content io.Reader) error {
		if ok, err := path.Match("lib/*/index.d.ts", name); !ok || err != nil {
			return err
		}
		text, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		k, parsed, version := parseBindings(string(text))
		if wanted[k] {
			known.kinds[k], known.version = parsed, version
		}
		return nil
	})
	if err == nil && len(known.kinds) == 0 {
		err = fmt.Errorf("%s is not the package @cdktn/provider-aws", archive)
	}
	return known, err
}

func parseBindings(text string) (k kind, parsed *kindSchema, version string) {
	parsed = &kindSchema{objects: map[string]object{}, attributes: map[string]bool{}}
	var inside, name string // the interface, and the name of its next property
	inClass := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "}"):
			inside, inClass = "", false
		case interfaced.MatchString(line):
			inside, name = interfaced.FindStringSubmatch(line)[1], ""
			parsed.objects[inside] = object{}
			if strings.Contains(line, "cdktn.TerraformMetaArguments") {
				parsed.arguments = inside
			}
		case declared.MatchString(line):
			inClass = true
			k.data = declared.FindStringSubmatch(line)[1] == "TerraformDataSource"
		case inClass:
			if m := typeName.FindStringSubmatch(line); m != nil {
				k.name = m[1]
			} else if m := getter.FindStringSubmatch(line); m != nil {
				parsed.attributes[m[1]] = true
			}
		case inside != "":
			if m := documented.FindStringSubmatch(line); m != nil {
				version, name = m[1], m[2]
			} else if m := property.FindStringSubmatch(line); m != nil && name != "" {
				parsed.objects[inside][name] = argument{required: m[1] == "", object: m[2]}
				name = ""
			}
		}
	}
	return k, parsed, version
}

// camelCase writes user_pool_id as userPoolId.
func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i := 1; i < len(words); i++ {
		if words[i] != "" {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, "")
}
