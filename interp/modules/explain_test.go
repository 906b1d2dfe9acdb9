package modules

import (
	"path/filepath"
	"strings"
	"testing"
)

// What the go command says, as it was seen to say it.
func TestExplain(t *testing.T) {
	for _, tt := range []struct{ said, want string }{
		{"cannot find module providing package github.com/samber/lo: module lookup disabled by GOPROXY=off", "its module was never fetched, and GOPROXY=off forbids it"},
		{"module gonum.org/v1/gonum@latest found (v0.17.0), but does not contain package gonum.org/v1/gonum/nopkg", "its module has no such package in version v0.17.0"},
		{"go: module github.com/samber/lo: Get \"https://127.0.0.1:1/github.com/samber/lo/@v/list\": dial tcp 127.0.0.1:1: connect: connection refused", "its module cannot be fetched, since there is no way to the network"},
		{"go: example.com/x@v1.0.0: Get \"https://proxy.example/x\": dial tcp: lookup proxy.example: no such host", "its module cannot be fetched, since there is no way to the network"},
		{"go: module example.com/x: reading https://proxy.example/example.com/x/@v/list: 404 Not Found\n\tserver response: not found", "there is no such module, or no such version"},
		{"go: github.com/google/uuid@v9.9.9: reading https://proxy.example/uuid/@v/v9.9.9.info: 403 Forbidden", "there is no such module, or no such version"},
		{"go: github.com/google/uuid@v9.9.9: invalid version: unknown revision v9.9.9", "there is no such version"},
		{"go: example.com/x@v7: no matching versions for query \"v7\"", "there is no such version"},
		{"go: malformed module path \"nodots/foo\": missing dot in first path element", "that is no module path"},
		{"go: example.com/newer@v1.0.0 requires go >= 1.99 (running go 1.26.8; GOTOOLCHAIN=local)", "it needs Go 1.99, this kernel has 1."},
		{"verifying example.com/dep@v1.0.0: checksum mismatch\n\tdownloaded: h1:a\n\tgo.sum: h1:b\n\nSECURITY ERROR", "checksum mismatch: what was fetched is not what"},
		{"go: finding module for package example.com/x\ngo: could not create module cache: mkdir /home/gopher/go: permission denied", "modules are kept where nothing can be written: set GOPATH"},
		{"golang.org/x/text@v0.44.0: verifying module: golang.org/x/text@v0.44.0: open /home/gopher/go/pkg/sumdb/sum.golang.org/latest: no such file or directory", "modules are kept where nothing can be written: set GOPATH"},
		{"go: write /go/pkg/mod/x: no space left on device", "the disk is full"},
		{"something else\nof two lines", "something else\nof two lines"},
	} {
		got := explain(tt.said)
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s\ngot  %s\nwant %s", tt.said, got, tt.want)
		}
		if strings.Contains(got, "\n") && !strings.Contains(tt.want, "\n") {
			t.Errorf("more than one line: %s", got)
		}
	}
}

func TestPositions(t *testing.T) {
	dir := filepath.FromSlash("/a/b")
	got := positions(dir, "# example.com/x\n../mod/x@v1/x.go:3:4: wrong ../y\n./sub/y.go:5:6: more\n/whole/z.go:1:2: too\n\tnote ../not:1:2: this")
	const want = "/a/mod/x@v1/x.go:3:4: wrong ../y\n/a/b/sub/y.go:5:6: more\n/whole/z.go:1:2: too\n\tnote ../not:1:2: this"
	if got != filepath.FromSlash(want) {
		t.Errorf("got\n%s", got)
	}
}
