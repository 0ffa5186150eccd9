package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestTheContractIsValidAndSoAreItsExamples(t *testing.T) {
	doc := contract(t)
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	examples := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status, res := range op.Responses.Map() {
				for kind, content := range res.Value.Content {
					if content.Example == nil {
						t.Errorf("%s %s, %s: no example of %s", method, path, status, kind)
						continue
					}
					examples++
					if err := doc.ValidateSchemaJSON(content.Schema.Value, content.Example); err != nil {
						t.Errorf("%s %s, %s: the example breaks its schema: %v", method, path, status, err)
					}
				}
			}
		}
	}
	if examples == 0 {
		t.Error("the contract has no examples")
	}
}

func TestTheRouterHasTheOperationsOfTheContractAndNoOthers(t *testing.T) {
	doc := contract(t)
	documented := map[string]bool{} // whether public
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			documented[method+" "+path] = op.Security != nil && len(*op.Security) == 0
		}
	}
	routed := map[string]bool{}
	for _, op := range newAPI(userPool{}, nil, nil).routes {
		routed[op.method+" "+op.path] = op.public
	}
	if !maps.Equal(documented, routed) {
		t.Errorf("documented (and whether public) %v\nrouted %v", documented, routed)
	}
	if len(doc.Security) == 0 {
		t.Error("the contract has no security for operations that state none")
	}
}

func TestInfoIsThatOfTheContract(t *testing.T) {
	doc := contract(t)
	if doc.Info.Title != apiName || doc.Info.Version != apiVersion {
		t.Errorf("the contract is %q %s, the API says %q %s", doc.Info.Title, doc.Info.Version, apiName, apiVersion)
	}
}

func TestEveryOperationSaysWhatItAnswersToAFault(t *testing.T) {
	for path, item := range contract(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.Responses.Status(500) == nil {
				t.Errorf("%s %s does not document 500", method, path)
			}
			public := op.Security != nil && len(*op.Security) == 0
			if documented := slices.Collect(maps.Keys(op.Responses.Map())); public == slices.Contains(documented, "401") {
				t.Errorf("%s %s: public is %v, answers are %v", method, path, public, documented)
			}
		}
	}
}
