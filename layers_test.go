package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// layers are what each package of this module may import of it, tests aside.
// Imports point down. "..." after a path means what lies below it.
var layers = map[string][]string{
	".":                        {"interp", "interp/exports", "kernel", "kernel/...", "demos/work"},
	"kernel":                   {"display", "interp", "interp/check", "kernel/connection", "kernel/history", "kernel/wire", "kernel/zmtp"},
	"kernel/cli":               {},
	"kernel/connection":        {},
	"kernel/doctor":            {"display", "interp", "kernel/history", "kernel/spec"},
	"kernel/headless":          {"display", "interp", "interp/cell", "kernel/page", "kernel/spec"},
	"kernel/history":           {},
	"kernel/page":              {"kernel/page/tex"},
	"kernel/page/tex":          {},
	"kernel/spec":              {},
	"kernel/wire":              {},
	"kernel/zmtp":              {},
	"interp":                   {"demos/grade", "demos/worker", "display", "interp/..."},
	"interp/cell":              {},
	"interp/cachedir":          {},
	"interp/check":             {"interp/cell", "interp/exports"},
	"interp/child":             {},
	"interp/embed":             {},
	"interp/eval":              {"demos", "demos/grade", "demos/host", "demos/worker", "display", "interp/child", "interp/eval/symbols", "interp/native/load"},
	"interp/eval/symbols":      {"demos", "demos/grade", "demos/timeline", "display"},
	"interp/eval/symbols/gen":  {},
	"interp/exports":           {"interp/cachedir"},
	"interp/modules":           {"interp/exports", "interp/native/build"},
	"interp/modules/proxytest": {},
	"interp/native/build":      {"interp/cachedir", "interp/exports", "interp/native/fast", "interp/native/load"},
	"interp/native/fast":       {"interp/native/load"},
	"interp/native/load":       {},
	"interp/native/source":     {"interp/cell", "interp/check", "interp/child", "interp/exports"},
	"interp/rewrite":           {"interp/check", "interp/child", "interp/eval/symbols"},
	"demos/grade":              {},
	"display":                  {},
	"notebooks":                {},
	"kernel/kerneltest":        {"kernel/wire", "kernel/zmtp"},
	"interp/process":           {"interp/cachedir"},
	"interp/program":           {"interp/cell", "interp/check", "interp/exports"},
	"demos":                    {"demos/timeline"},
	"demos/chart":              {},
	"demos/host":               {"demos", "demos/chart", "demos/timeline", "demos/work", "demos/worker", "display", "interp/cachedir"},
	"demos/timeline":           {},
	"demos/work":               {},
	"demos/worker":             {"demos/timeline", "demos/work"},
}

// modules are the third-party modules, each behind one package.
var modules = map[string]string{
	"github.com/go-zeromq/zmq4": "kernel/zmtp",
	"github.com/google/uuid":    "kernel",
	"github.com/traefik/yaegi":  "interp/eval",
	"github.com/yuin/goldmark":  "kernel/page",
	"go.etcd.io/bbolt":          "kernel/history",
	"gonum.org/v1/plot":         "demos/chart",
}

func TestLayers(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		allowed, known := layers[dir]
		if !known {
			t.Errorf("%s: package %s has no row in the table of layers", path, dir)
		}
		for _, is := range f.Imports {
			imported, _ := strconv.Unquote(is.Path.Value)
			checkImport(t, path, dir, imported, allowed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImport(t *testing.T, path, dir, imported string, allowed []string) {
	if own, ok := strings.CutPrefix(imported, "interleave/"); ok {
		for _, a := range allowed {
			below, tree := strings.CutSuffix(a, "...")
			if own == a || tree && strings.HasPrefix(own, below) {
				return
			}
		}
		t.Errorf("%s: package %s may not import %s", path, dir, own)
		return
	}
	for module, home := range modules {
		if strings.HasPrefix(imported, module) && dir != home && !strings.HasPrefix(dir, home+"/") {
			t.Errorf("%s: only %s imports %s", path, home, module)
		}
	}
}
