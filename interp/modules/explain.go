package modules

import (
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// reasons word what the go command says, first match first: what it means, and
// what to do. $1 is the first group of the pattern.
var reasons = []struct {
	said *regexp.Regexp
	text string
}{
	{regexp.MustCompile(`module lookup disabled by GOPROXY=off`),
		"its module was never fetched, and GOPROXY=off forbids it: set GOPROXY, or fetch it where that is allowed"},
	{regexp.MustCompile(`found \(([^)]*)\), but does not contain package`),
		"its module has no such package in version $1: look at the path, or %require another version"},
	{regexp.MustCompile(`module (/.*) requires go >= ([0-9.]+)`),
		"the module in $1, which this notebook is in, needs Go $2, this kernel has VERSION: install a newer Go and run ./install.sh again"},
	{regexp.MustCompile(`requires go >= ([0-9.]+)`),
		"it needs Go $1, this kernel has VERSION: %require an older version of it, or install a newer Go and run ./install.sh again"},
	{regexp.MustCompile(`checksum mismatch|SECURITY ERROR`),
		"checksum mismatch: what was fetched is not what go.sum or the notebook's metadata.interleave pins: delete the pin if you trust the new one"},
	{regexp.MustCompile(`could not create module cache|open \S*/pkg/sumdb/`),
		"modules are kept where nothing can be written: set GOPATH to a folder that can, and start the kernel again"},
	{regexp.MustCompile(`(?:unknown revision|invalid version|no matching versions for query) ?(\S*)`), "there is no such version: look at the path and the version"},
	{regexp.MustCompile(`malformed module path|malformed import path`), "that is no module path: look at the spelling"},
	{regexp.MustCompile(`dial tcp|no such host|connection refused|network is unreachable|i/o timeout|TLS handshake|could not resolve host|Could not resolve host|EOF$|proxyconnect`),
		"its module cannot be fetched, since there is no way to the network: run the cell again when there is; what was fetched once works without"},
	{regexp.MustCompile(`40[0-9] |410 Gone|[Nn]ot [Ff]ound|no such file or directory|unrecognized import path|cannot find module|not available`),
		"there is no such module, or no such version: look at the path and the version"},
	{regexp.MustCompile(`no space left on device`), "the disk is full: make room, for instance by go clean -cache -modcache"},
}

// explain makes a sentence of what the go command said, whose first line follows
// it in brackets.
func explain(said string) string {
	said = strings.TrimSpace(said)
	for _, r := range reasons {
		m := r.said.FindStringSubmatchIndex(said)
		if m == nil {
			continue
		}
		text := string(r.said.ExpandString(nil, r.text, said, m))
		text = strings.ReplaceAll(text, "VERSION", strings.TrimPrefix(runtime.Version(), "go"))
		return text + " (" + short(said) + ")"
	}
	return said
}

var relative = regexp.MustCompile(`(?m)^(\.\.?/.+?):(\d+(:\d+)?: )`)

// positions gives what the compiler said of a package's sources with whole paths: it
// writes them relative to dir, where that is shorter.
func positions(dir, said string) string {
	var b strings.Builder
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "# ") { // the package
			b.WriteString(line)
		}
	}
	return relative.ReplaceAllStringFunc(b.String(), func(at string) string {
		m := relative.FindStringSubmatch(at)
		return filepath.Join(dir, filepath.FromSlash(m[1])) + ":" + m[2]
	})
}

// short is what the go command said in one line.
func short(said string) string {
	var last string
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "go: finding ") && !strings.HasPrefix(line, "go: downloading ") && last == "" {
			last = line
		}
	}
	return strings.TrimPrefix(last, "go: ")
}
