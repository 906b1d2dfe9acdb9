package headless

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"

	"interleave/interp"
)

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// traceback gives e's traceback as text for a terminal or, without colours, a file.
func traceback(e *interp.Error, color bool) string {
	text := strings.TrimRight(strings.Join(e.Traceback, "\n"), "\n")
	if text == "" {
		text = e.Error()
	}
	if color {
		return text
	}
	return ansi.ReplaceAllString(text, "")
}

// firstLine is s up to the end of its first line.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// reason gives err without the operation and the path, which the caller names.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
