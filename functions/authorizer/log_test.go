package main

import (
	"bytes"
	"log"
	"os"
	"testing"
)

func TestTheLibraryRepeatsNoAnswerButSaysWhyItEnds(t *testing.T) {
	flags := log.Flags()
	defer func() { log.SetOutput(os.Stderr); log.SetFlags(flags) }()
	var said bytes.Buffer
	suppressInvokeErrors(&said)
	log.Printf("%s", `{"errorMessage":"Unauthorized","errorType":"errorString"}`)
	if said.Len() > 0 {
		t.Error("an answer was said twice")
	}
	log.Print("expected AWS Lambda environment variables")
	if said.String() != "expected AWS Lambda environment variables\n" {
		t.Errorf("got %q", said.String())
	}
}
