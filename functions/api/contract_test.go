package main

import (
	"maps"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

func TestTheContractAndItsExamplesAreValid(t *testing.T) {
	doc := document(t)
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	examples := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status, res := range op.Responses.Map() {
				for kind, content := range res.Value.Content {
					if content.Example == nil {
						t.Errorf("%s %s, %s: no example for %s", method, path, status, kind)
						continue
					}
					examples++
					if err := doc.ValidateSchemaJSON(content.Schema.Value, content.Example); err != nil {
						t.Errorf("%s %s, %s: the example does not match its schema: %v", method, path, status, err)
					}
				}
			}
		}
	}
	if examples == 0 {
		t.Error("the contract has no examples")
	}
}

// Rules are only ever read by the compiler, so the router is compared with the compiled contract.
func TestTheRouterServesExactlyTheOperationsOfTheContract(t *testing.T) {
	compiled, err := contract.Compile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{} // route → public
	for _, r := range compiled.Table.Routes() {
		documented[r.String()] = r.Rule.Public
	}
	routed := map[string]bool{}
	for _, op := range newAPI(userPool{}, revocations{}, nil, nil).routes {
		routed[op.method+" "+op.path] = op.public
	}
	if !maps.Equal(documented, routed) {
		t.Errorf("operations of the contract, and whether public: %v\noperations of the router: %v", documented, routed)
	}
}

func TestInfoMatchesTheContract(t *testing.T) {
	doc := document(t)
	if doc.Info.Title != apiName || doc.Info.Version != apiVersion {
		t.Errorf("the contract has %q %s, the API %q %s", doc.Info.Title, doc.Info.Version, apiName, apiVersion)
	}
}

func TestEveryOperationDocumentsItsErrors(t *testing.T) {
	public := map[string]bool{}
	for _, op := range newAPI(userPool{}, revocations{}, nil, nil).routes {
		public[op.method+" "+op.path] = op.public
	}
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.Responses.Status(500) == nil {
				t.Errorf("%s %s does not document 500", method, path)
			}
			if documented := op.Responses.Status(401) != nil; documented == public[method+" "+path] {
				t.Errorf("%s %s: public is %v, 401 documented is %v", method, path, !documented, documented)
			}
		}
	}
}
