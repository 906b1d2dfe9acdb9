package cell

import (
	"go/token"
	"strings"
)

// Complete tells whether src can run as it stands: "complete", "incomplete"
// (more lines may make it complete; indent is what the next one starts with) or
// "invalid". Source: messaging.rst, is_complete_request.
func Complete(src string) (status, indent string) {
	_, s := parse(0, src)
	if len(s.errs) == 0 && len(s.open) == 0 && !s.bodyless {
		return "complete", ""
	}
	if len(s.errs) > 0 && s.errs[0].off < s.last.end && !s.unterminated(s.errs[0]) {
		return "invalid", ""
	}
	return "incomplete", strings.Repeat("\t", len(s.open))
}

// unterminated tells whether the error is that a raw string, a comment or a list
// has no end yet; any other token is complete when its line is.
func (s *splitter) unterminated(f fault) bool {
	switch {
	case s.last.tok == token.STRING && strings.HasPrefix(s.last.lit, "`"):
		return f.off >= s.last.off
	case s.last.tok == token.COMMA:
		return f.msg == "expected 1 expression"
	default:
		return strings.Contains(f.msg, "comment not terminated")
	}
}
