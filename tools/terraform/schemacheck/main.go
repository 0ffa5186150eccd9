// Schemacheck checks the configurations of terraform/ against another version of the AWS provider than the one that plans
// them: each resource type, argument and block must exist there, each required argument must be set, and nothing may be
// deprecated. It needs neither that provider nor an account.
//
//	schemacheck -bindings PACKAGE.tgz -deprecations PACKAGE.tgz FOLDER
//
// Two npm packages hold the schema: the bindings of CDK Terrain (@cdktn/provider-aws), generated from the provider's schema
// with the names that Terraform uses, and those of Pulumi (@pulumi/aws), which keep its deprecations.
// scripts/check-provider-schema.sh downloads both. It exits 0 if everything fits, 1 if not, and 2 if it could not check.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	bindings := flag.String("bindings", "", "archive of the npm package @cdktn/provider-aws")
	deprecations := flag.String("deprecations", "", "archive of the npm package @pulumi/aws")
	flag.Parse()
	if *bindings == "" || *deprecations == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: schemacheck -bindings PACKAGE.tgz -deprecations PACKAGE.tgz FOLDER")
		os.Exit(2)
	}
	problems, summary, err := check(flag.Arg(0), *bindings, *deprecations)
	if err != nil {
		fmt.Fprintln(os.Stderr, "schemacheck:", err)
		os.Exit(2)
	}
	for _, problem := range problems {
		fmt.Println(problem)
	}
	fmt.Println(summary)
	if len(problems) > 0 {
		os.Exit(1)
	}
}

// check returns the problems of the configurations below a folder, in order, and a line that counts what was checked.
func check(folder, bindings, deprecations string) (problems []string, summary string, err error) {
	used, err := readConfigurations(folder)
	if err != nil {
		return nil, "", err
	}
	known, err := readBindings(bindings, used)
	if err != nil {
		return nil, "", err
	}
	deprecated, err := readDeprecations(deprecations, used)
	if err != nil {
		return nil, "", err
	}
	problems, counts := compare(used, known, deprecated)
	return problems, fmt.Sprintf("aws %s: %d resource types and data sources, %d arguments and blocks, %d attributes: %d problems",
		known.version, counts.types, counts.arguments, counts.attributes, len(problems)), nil
}
