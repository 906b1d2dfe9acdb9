package cell

import (
	"go/token"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	noEnd   = regexp.MustCompile(`^expected ';', found (.+)$`)
	noComma = regexp.MustCompile(`^missing ',' before newline in (.+)$`)
)

// compilers puts an error of go/parser as the compiler does, where that says more: a
// statement that goes on after its end is no missing ";", and what is missing at the end
// of a line is more often a bracket than a comma.
func compilers(msg string) string {
	if m := noEnd.FindStringSubmatch(msg); m != nil {
		return "unexpected " + kindOf(m[1]) + " at end of statement"
	}
	if m := noComma.FindStringSubmatch(msg); m != nil {
		closing := ")"
		if strings.Contains(m[1], "composite literal") {
			closing = "}"
		}
		return "unexpected newline in " + m[1] + "; possibly missing comma or " + closing
	}
	msg = strings.Replace(msg, "found 'EOF'", "found the end of the cell", 1)
	return strings.Replace(msg, "expected 'IDENT'", "expected a name", 1)
}

// kindOf names what go/parser found as the compiler names it.
func kindOf(found string) string {
	text := strings.Trim(found, "'")
	switch {
	case found != text && text == ",":
		return "comma"
	case found != text && token.IsKeyword(text):
		return "keyword " + text
	case found != text && !isLetter(text): // but a rune such as ',' looks like a token
		return text
	case found == "newline":
		return text
	case found == text && isLetter(text):
		return "name " + text
	}
	return "literal " + found
}

// isLetter tells whether text begins as a name does.
func isLetter(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return r == '_' || unicode.IsLetter(r)
}
