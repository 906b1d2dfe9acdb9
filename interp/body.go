package interp

import "strings"

// goCells are the cell magics below which there is Go.
var goCells = map[string]bool{"native": true, "interpreted": true, "race": true, "test": true}

// goBody blanks the line of a cell magic at the beginning of a cell where what is
// below it is Go, so that this is completed as any other cell. Offsets stay. Where
// offset is in that line, code is given back as it is.
func goBody(code string, offset int) string {
	line, _, more := strings.Cut(code, "\n")
	name, _, _ := strings.Cut(strings.TrimPrefix(line, "%%"), " ")
	if !more || offset <= len(line) || !strings.HasPrefix(line, "%%") || !goCells[strings.TrimSpace(name)] {
		return code
	}
	return strings.Repeat(" ", len(line)) + code[len(line):]
}
