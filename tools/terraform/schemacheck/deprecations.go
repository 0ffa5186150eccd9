package main

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
)

// deprecations are the messages by place. The empty place is the kind itself.
type deprecations map[kind]map[string]string

// place is the key of an argument or attribute in a block, of which path holds the names from the outermost to its own.
func place(path, name string) string { return joined(path) + "." + plain(name) }

// renamed are kinds that Pulumi does not call as Terraform does.
var renamed = map[string]string{"aws_s3_object": "s3bucketobjectv2"}

var (
	deprecation = regexp.MustCompile(`@deprecated (.*?)\.?\s*(\*/)?$`)
	member      = regexp.MustCompile(`^\s*(?:readonly )?(\w+)\??:`)
	class       = regexp.MustCompile(`^export declare (?:class|function)`)
	namespace   = regexp.MustCompile(`^export declare namespace (\w+) \{`)
	nested      = regexp.MustCompile(`^    interface (\w+) \{`)
)

// readDeprecations reads the declarations of @pulumi/aws for the kinds that are used.
func readDeprecations(archive string, used usage) (deprecations, error) {
	all, byName := deprecations{}, map[string]kind{}
	for k := range used.kinds() {
		byName[pulumiName(k)] = k
	}
	err := eachFile(archive, func(name string, content io.Reader) error {
		if name == "types/input.d.ts" {
			return readNested(content, all, byName)
		}
		k, known := byName[plain(strings.TrimSuffix(name, ".d.ts"))]
		if !known || !strings.HasSuffix(name, ".d.ts") {
			return nil
		}
		all[k] = map[string]string{}
		return scanDeprecations(content, func(string) {}, func(name, message string) {
			if name == "" {
				all[k][""] = message
			} else {
				all[k][place("", name)] = message
			}
		})
	})
	if err != nil {
		return nil, err
	}
	for name, k := range byName {
		if all[k] == nil {
			return nil, fmt.Errorf("%s has no %s (%s): if Pulumi calls it by another name, add that to renamed", path.Base(archive), k, name)
		}
	}
	return all, nil
}

// readNested reads the objects of blocks, which Pulumi keeps in one file.
func readNested(content io.Reader, all deprecations, byName map[string]kind) error {
	var module string
	within := map[kind]string{} // with the path of the block
	return scanDeprecations(content, func(line string) {
		if m := namespace.FindStringSubmatch(line); m != nil {
			module = m[1]
		} else if m := nested.FindStringSubmatch(line); m != nil {
			clear(within)
			for _, k := range byName {
				if path, ok := strings.CutPrefix(joined(module+m[1]), joined(strings.TrimPrefix(k.name, "aws_"))); ok && !k.data {
					within[k] = path
				}
			}
		}
	}, func(name, message string) {
		for k, path := range within {
			if all[k] == nil {
				all[k] = map[string]string{}
			}
			all[k][place(path, name)] = message
		}
	})
}

// scanDeprecations calls see for each line, and found for each deprecated member. The name of a deprecated class is empty.
func scanDeprecations(content io.Reader, see func(line string), found func(name, message string)) error {
	lines := bufio.NewScanner(content)
	lines.Buffer(nil, 1<<20)
	message := ""
	for lines.Scan() {
		line := lines.Text()
		see(line)
		if m := deprecation.FindStringSubmatch(line); m != nil {
			message = m[1]
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(line), "*") {
			continue
		}
		if message != "" {
			if m := member.FindStringSubmatch(line); m != nil {
				found(m[1], message)
			} else if class.MatchString(line) {
				found("", message)
			}
		}
		message = ""
	}
	return lines.Err()
}

// pulumiName is the path of a kind in the package, as plain writes it.
func pulumiName(k kind) string {
	if name, ok := renamed[k.name]; ok {
		return name
	}
	name := strings.TrimPrefix(k.name, "aws_")
	if k.data {
		return "get " + plain(name)
	}
	return plain(name)
}

// plain writes names alike that differ in case, underscores and the plural. The path of a data source, such as
// cognito/getUserPool, becomes "get cognitouserpool".
func plain(name string) string {
	prefix := ""
	if folder, file := path.Split(name); len(file) > 3 && strings.HasPrefix(file, "get") && file[3] >= 'A' && file[3] <= 'Z' {
		prefix, name = "get ", folder+file[3:]
	}
	return prefix + strings.TrimSuffix(joined(name), "s")
}

// joined writes a path or name in lower case and without separators.
func joined(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "/", "", ".", "").Replace(name))
}
