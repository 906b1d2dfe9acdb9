package fast

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A symbol is a name and the convention, ABI, by which it is called: a function
// of Go may have both, data has abi0. Source: cmd/internal/obj, ABI.
type symbol struct {
	name string
	abi  uint16
}

const (
	abi0        = 0
	abiInternal = 1
)

// An object is what is read of the Go objects of an archive.
type object struct {
	refs    []symbol        // by name, to what no object of the archive need define
	defs    map[symbol]bool // global ones; true for functions
	keep    []symbol        // of defs, those that other packages may refer to
	imports []string        // import paths of packages that it was compiled against
	foreign string          // a member that is no Go object, such as one of C
	indexed string          // a package whose symbols it refers to by number
}

// readArchive reads an archive that the compiler made.
// Source: cmd/internal/archive, cmd/internal/goobj/objfile.go.
func readArchive(data []byte) (o *object, err error) {
	defer func() {
		if r := recover(); r != nil { // an offset that leads out of data
			o, err = nil, fmt.Errorf("archive: is damaged: %v", r)
		}
	}()
	rest, ok := bytes.CutPrefix(data, []byte("!<arch>\n"))
	if !ok {
		return nil, errors.New("archive: is none")
	}
	o = &object{defs: map[symbol]bool{}}
	for len(rest) >= 60 {
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[48:58])))
		if err != nil {
			return nil, fmt.Errorf("archive: size of a member: %w", err)
		}
		name := strings.TrimSpace(string(rest[:16]))
		member := rest[60 : 60+size]
		rest = rest[min(len(rest), 60+size+size%2):]
		switch {
		case name == "__.PKGDEF":
		case bytes.HasPrefix(member, []byte("go object ")):
			if err := o.read(member); err != nil {
				return nil, fmt.Errorf("archive: %s: %w", name, err)
			}
		default:
			o.foreign = name
		}
	}
	o.refs = o.undefined()
	return o, nil
}

// undefined are the references to what o does not define.
func (o *object) undefined() []symbol {
	var out []symbol
	for _, r := range o.refs {
		if _, ok := o.defs[r]; !ok {
			out = append(out, r)
		}
	}
	return out
}

// Blocks of an object file, by their place in the table of offsets.
const (
	blkAutolib = iota
	blkPkgIdx
	blkFile
	blkSymdef
	blkHashed64def
	blkHasheddef
	blkNonpkgdef
	blkNonpkgref
	blkRefFlags
)

// goobjMagic changes with the format; so an unknown one is refused.
const goobjMagic = "\x00go120ld"

// Sizes of entries, and kinds of symbols. Source: objfile.go; cmd/internal/objabi/symkind.go.
const (
	symSize      = 21
	autolibSize  = 16
	stringSize   = 8
	staticABI    = 0xffff
	kindText     = 1
	kindTextFIPS = 2
)

// read adds what lies in the object of an archive's member.
func (o *object) read(member []byte) error {
	_, b, ok := bytes.Cut(member, []byte("\n!\n"))
	if !ok || !bytes.HasPrefix(b, []byte(goobjMagic)) {
		return errors.New("object format: is unknown")
	}
	le := binary.LittleEndian
	text := func(at uint32) string {
		n, off := le.Uint32(b[at:]), le.Uint32(b[at+4:])
		return string(b[off : off+n])
	}
	each := func(block int, size uint32, f func(at uint32)) {
		table := b[20:] // after magic, fingerprint and flags
		end := le.Uint32(table[4*block+4:])
		for at := le.Uint32(table[4*block:]); at+size <= end; at += size {
			f(at)
		}
	}
	each(blkAutolib, autolibSize, func(at uint32) { o.imports = append(o.imports, text(at)) })
	each(blkPkgIdx, stringSize, func(at uint32) {
		if p := text(at); p != "" { // the first is none
			o.indexed = p
		}
	})
	for block := blkSymdef; block <= blkNonpkgdef; block++ {
		each(block, symSize, func(at uint32) {
			abi := le.Uint16(b[at+8:])
			if abi == staticABI {
				return
			}
			s, kind := symbol{text(at), abi}, b[at+10]
			o.defs[s] = kind == kindText || kind == kindTextFIPS
			if (block == blkSymdef || block == blkNonpkgdef) && kept(s.name, kind, le.Uint32(b[at+13:])) {
				o.keep = append(o.keep, s)
			}
		})
	}
	each(blkNonpkgref, symSize, func(at uint32) { o.refs = append(o.refs, symbol{text(at), le.Uint16(b[at+8:])}) })
	return nil
}
