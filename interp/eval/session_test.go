package eval

import (
	"io"
	"testing"

	"interleave/interp/child"
)

// What a cell costs in the child.
func BenchmarkRun(b *testing.B) {
	s := New(child.NewLink(io.Discard, nil))
	for i := range b.N {
		res := s.Run(&child.Program{ID: i + 1, Cell: i + 1, Front: true, Source: "package main\nimport . \"interleave/ꞋꞋ\"\nfunc ꞋꞋrun() {\nꞋꞋresult(2)\nꞋꞋat(1)\n}\nfunc init() { ꞋꞋentry(ꞋꞋrun) }\n"})
		if res.Err != nil || res.Data["text/plain"] != "2" {
			b.Fatal(res)
		}
	}
}
