package build

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A systemLinker does what the C compiler would for cmd/link: it adds the C
// runtime's files and starts ld. What it adds it learns from the compiler, which
// prints its commands when asked with -###, once for each set of flags.
type systemLinker struct {
	cc   []string // C compiler
	yes  string   // the program true
	ld   string   // linker to start: the fastest that is installed
	mu   sync.Mutex
	seen map[string][]string // flags of cmd/link -> command of the C compiler
}

// object and output stand for files in a command that is learned.
const object, output = "interleave-object.o", "interleave-output.so"

// findLinker looks for what is needed; an unusable one is left where something is missing.
func findLinker(cc []string) *systemLinker {
	l := &systemLinker{cc: cc, seen: map[string][]string{}}
	l.yes, _ = exec.LookPath("true")
	for _, name := range []string{"mold", "ld.gold", "ld"} {
		if l.ld, _ = exec.LookPath(name); l.ld != "" {
			break
		}
	}
	return l
}

func (l *systemLinker) usable() bool { return l.yes != "" && l.ld != "" }

// linkFast links as link does, without the C compiler.
func (t *Toolchain) linkFast(ctx context.Context, args []string, work string) error {
	args = append(slices.Clone(args), "-v", "-extld", t.linker.yes, "-tmpdir", ".", stubArchive)
	cmd := t.exec(ctx, t.tool("link"), args...)
	cmd.Dir = work
	out, err := short(ctx, cmd)
	if err != nil {
		return &goLinkError{fmt.Errorf("%w: %s", err, out)}
	}
	host, err := hostLink(out)
	if err != nil {
		return err
	}
	command, err := t.linker.command(ctx, t, host)
	if err != nil {
		return err
	}
	cmd = t.exec(ctx, t.linker.ld, command...)
	cmd.Dir = work
	if out, err := run(ctx, cmd); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(t.linker.ld), err, out)
	}
	return nil
}

// A goLinkError is one that cmd/link found: the C compiler would not help.
type goLinkError struct{ err error }

func (e *goLinkError) Error() string { return e.err.Error() }
func (e *goLinkError) Unwrap() error { return e.err }

// hostLink finds in what cmd/link -v printed the command that it gave the C
// compiler, without the compiler.
// Source: hostlink in cmd/link/internal/ld/lib.go.
func hostLink(out string) ([]string, error) {
	for line := range strings.Lines(out) {
		rest, ok := strings.CutPrefix(line, "host link:")
		if !ok {
			continue
		}
		words, err := split(rest)
		if err != nil || len(words) < 2 {
			break
		}
		return words[1:], nil
	}
	return nil, errors.New("cmd/link: tells no host link")
}

// assent are flags that cmd/link adds only because true agreed to them. Clang
// knows the first, and it only quietens; there is no DWARF to compress. The last
// one would drop what little there is, which tells the lines of C.
var assent = []string{"-Qunused-arguments", "-Wl,--compress-debug-sections=zlib", "-Wl,-S"}

// command gives the arguments for ld that do what host asks of the C compiler.
func (l *systemLinker) command(ctx context.Context, t *Toolchain, host []string) ([]string, error) {
	var flags, objects []string
	var out string
	for i := 0; i < len(host); i++ {
		switch w := host[i]; {
		case w == "-o" && i+1 < len(host):
			out = host[i+1]
			flags = append(flags, w, output)
			i++
		case slices.Contains(assent, w):
		case strings.HasSuffix(w, ".o"):
			if objects = append(objects, w); len(objects) == 1 {
				flags = append(flags, object)
			}
		default:
			flags = append(flags, w)
		}
	}
	learned, err := l.learn(ctx, t, flags)
	if err != nil {
		return nil, err
	}
	var args []string
	for _, w := range learned {
		switch w {
		case object:
			args = append(args, objects...)
		case output:
			args = append(args, out)
		default:
			args = append(args, w)
		}
	}
	return args, nil
}

// learn asks the C compiler what it would start ld with.
func (l *systemLinker) learn(ctx context.Context, t *Toolchain, flags []string) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := strings.Join(flags, "\x00")
	if known := l.seen[key]; known != nil {
		return known, nil
	}
	args := append(slices.Clone(l.cc[1:]), "-###")
	out, err := run(ctx, t.exec(ctx, l.cc[0], append(args, flags...)...))
	if err != nil {
		return nil, fmt.Errorf("%s -###: %w: %s", l.cc[0], err, out)
	}
	for line := range strings.Lines(out) {
		words, err := split(line)
		if err != nil || len(words) == 0 || !slices.Contains(words, object) || !slices.Contains(words, output) || !filepath.IsAbs(words[0]) {
			continue
		}
		l.seen[key] = withoutPlugin(words[1:])
		return l.seen[key], nil
	}
	return nil, fmt.Errorf("%s -###: tells no link", l.cc[0])
}

// withoutPlugin removes what is about gcc's link-time optimiser.
func withoutPlugin(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-plugin":
			i++
		case strings.HasPrefix(args[i], "-plugin-opt="):
		default:
			out = append(out, args[i])
		}
	}
	return out
}

// split cuts a command as printed into words; those in double quotes are as Go
// and C quote them.
func split(s string) ([]string, error) {
	var words []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		word := s
		if s[0] == '"' {
			quoted, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, err
			}
			if word, err = strconv.Unquote(quoted); err != nil {
				return nil, err
			}
			s = s[len(quoted):]
		} else {
			word, _, _ = strings.Cut(s, " ")
			s = s[len(word):]
		}
		words = append(words, word)
	}
	return words, nil
}
