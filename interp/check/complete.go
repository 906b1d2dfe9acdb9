package check

// A Match is one way to complete.
type Match struct {
	Text   string
	Type   string // "function", "variable", "type", "const", "module", "keyword", "field", "method" or "magic"
	Detail string // type or signature, or ""
}

// A Completion has the matches for Start:End, byte offsets, of the code.
type Completion struct {
	Matches    []Match
	Start, End int
}
