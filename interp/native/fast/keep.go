package fast

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A plugin's link drops what nothing in it uses. keepAll has it keep what it links
// of modules, for cells that are not there yet: it adds to an archive an object
// with a symbol of a name by which the linker asks what is exported. All that this
// refers to is kept, with all that that refers to; the symbol itself is not.
// Source: deadcodePass.init in cmd/link/internal/ld/deadcode.go.
const exportsSymbol = "go:plugin.exports"

// keepAll writes the archive with such an object to file.
func keepAll(archive, file string, symbols []symbol) error {
	data, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	at := bytes.Index(data, []byte("go object "))
	if at < 0 {
		return errors.New("archive: has no object")
	}
	head, _, _ := bytes.Cut(data[at:], []byte("\n")) // of which toolchain it is
	object := slices.Concat(head, []byte("\n!\n"), exporting(symbols))
	b := bytes.NewBuffer(data)
	fmt.Fprintf(b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", "keep.o", 0, 0, 0, 0o644, len(object))
	b.Write(object)
	if len(object)%2 == 1 {
		b.WriteByte(0)
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// Parts of an object file. Source: cmd/internal/goobj/objfile.go.
const (
	blkRelocIndex = 11 + iota
	blkAuxIndex
	blkDataIndex
	blkReloc
	blkAux
	blkData
	blkRefName
	blocks = 19 // offsets, with that of the end

	objectShared = 1         // flag of an object
	noPackage    = 1<<31 - 1 // index of symbols that go by name
	kindReadOnly = 3
	relocAddress = 1
)

// exporting is an object that refers to symbols by exportsSymbol.
func exporting(symbols []symbol) []byte {
	le := binary.LittleEndian
	b := append([]byte(goobjMagic), make([]byte, 8)...)
	b = le.AppendUint32(b, objectShared)
	offsets := len(b)
	b = append(b, make([]byte, 4*blocks)...)
	all := append([]symbol{{exportsSymbol, abi0}}, symbols...)
	at := make([]int, len(all))
	for i, s := range all {
		at[i] = len(b)
		b = append(b, s.name...)
	}
	entry := func(i int, kind byte) {
		b = le.AppendUint32(b, uint32(len(all[i].name)))
		b = le.AppendUint32(b, uint32(at[i]))
		b = le.AppendUint16(b, all[i].abi)
		b = append(b, kind, 0, 0)
		b = append(b, make([]byte, 8)...) // size and alignment
	}
	for block := range blocks {
		le.PutUint32(b[offsets+4*block:], uint32(len(b)))
		switch block {
		case blkPkgIdx:
			b = append(b, make([]byte, stringSize)...) // the first is none
		case blkNonpkgdef:
			entry(0, kindReadOnly)
		case blkNonpkgref:
			for i := range symbols {
				entry(i+1, 0)
			}
		case blkRelocIndex:
			b = le.AppendUint32(le.AppendUint32(b, 0), uint32(len(symbols)))
		case blkAuxIndex, blkDataIndex:
			b = append(b, make([]byte, 8)...)
		case blkReloc:
			for i := range symbols {
				b = append(le.AppendUint32(b, 0), 8)
				b = le.AppendUint16(b, relocAddress)
				b = le.AppendUint64(b, 0)
				b = le.AppendUint32(le.AppendUint32(b, noPackage), uint32(i+1))
			}
		}
	}
	return b
}

// kept tells whether cells may refer to a symbol of another package, by its kind,
// size and name.
func kept(name string, kind byte, size uint32) bool {
	switch {
	case kind == 0 || kind > lastKindOfData || strings.HasPrefix(name, "go:") && !strings.HasPrefix(name, "go:itab."):
		return false
	case kind == kindText || kind == kindTextFIPS: // one of no size the compiler found unused
		return size > 0
	}
	return true
}

const lastKindOfData = 10 // before variables of threads, and what debuggers need
