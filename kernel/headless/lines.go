package headless

import (
	"strings"
	"unicode/utf8"
)

// splitLines cuts text into lines that keep their ends, and an empty text into
// none. What ends a line is what Python takes for it, since nbformat splits so.
// Source: Python's str.splitlines.
func splitLines(text string) []any {
	lines := []any{}
	for text != "" {
		n := lineLength(text)
		lines = append(lines, text[:n])
		text = text[n:]
	}
	return lines
}

// lineLength is the length in bytes of the first line of text, its end included.
func lineLength(text string) int {
	at := strings.IndexFunc(text, isLineEnd)
	if at < 0 {
		return len(text)
	}
	if strings.HasPrefix(text[at:], "\r\n") {
		return at + 2
	}
	_, size := utf8.DecodeRuneInString(text[at:])
	return at + size
}

func isLineEnd(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= '\x1c' && r <= '\x1e' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// joinLines gives the text that a notebook holds as a string or a list of them.
func joinLines(v any) (string, bool) {
	if s, ok := v.(string); ok {
		return s, true
	}
	list, ok := v.([]any)
	if !ok {
		return "", false
	}
	var text strings.Builder
	for _, line := range list {
		s, ok := line.(string)
		if !ok {
			return "", false
		}
		text.WriteString(s)
	}
	return text.String(), true
}

// splitMIME splits the values of a MIME bundle that nbformat keeps as lines.
// Source: nbformat/v4/rwbase.py, _split_mimebundle.
func splitMIME(data map[string]any) {
	for mime, value := range data {
		text, ok := value.(string)
		if ok && (strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml") {
			data[mime] = splitLines(text)
		}
	}
}
