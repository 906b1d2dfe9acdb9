package build

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"io"
	"path/filepath"
)

// Where tells what of C lies at an address in a shared object of a unit, counted
// from where it was loaded: the function, and file and line as #line directives
// tell them. file is "" where the object does not say, as one does that was linked
// without our own linker's flags.
func Where(so string, address uint64) (function, file string, line int, err error) {
	f, err := elf.Open(so)
	if err != nil {
		return "", "", 0, err
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return "", "", 0, err
	}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Value <= address && address < s.Value+max(s.Size, 1) {
			function = s.Name
		}
	}
	if function == "" {
		return "", "", 0, errors.New("no function at that address")
	}
	if data, err := f.DWARF(); err == nil {
		file, line = lineAt(data, address)
	}
	return function, filepath.Base(file), line, nil
}

func lineAt(data *dwarf.Data, address uint64) (file string, line int) {
	r := data.Reader()
	unit, err := r.SeekPC(address)
	if err != nil {
		return "", 0
	}
	lines, err := data.LineReader(unit)
	if err != nil || lines == nil {
		return "", 0
	}
	var entry dwarf.LineEntry
	if err := lines.SeekPC(address, &entry); err != nil || errors.Is(err, io.EOF) || entry.File == nil {
		return "", 0
	}
	return entry.File.Name, entry.Line
}
