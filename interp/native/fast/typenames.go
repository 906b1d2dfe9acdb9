package fast

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// typeNames begins the names of the symbols that hold names of types, fields and
// methods. Source: cmd/compile/internal/reflectdata, dname.
const typeNames = "type:.namedata."

// Flags of such a name: what makes it more than a text. Source: internal/abi, Name.
const nameHasMore = 1<<1 | 1<<2 // a tag, a package path

// RenameTypes changes, in an archive that the compiler made, the names that %T, panics
// and reflection show of types to what f gives for them, where that is not longer.
// Nothing goes by these names where the types that have them differ in something else:
// the runtime compares packages, hashes and structure too. What this does not know it
// leaves as it is.
func RenameTypes(archive []byte, f func(string) string) {
	eachObject(archive, func(b []byte) { renameTypes(b, f) })
}

// eachObject calls f with the objects of an archive.
func eachObject(archive []byte, f func(object []byte)) {
	defer func() { _ = recover() }() // an offset that leads out of it: the linker says more of that
	rest, ok := bytes.CutPrefix(archive, []byte("!<arch>\n"))
	for ok && len(rest) >= 60 {
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[48:58])))
		if err != nil {
			return
		}
		member := rest[60 : 60+size]
		rest = rest[min(len(rest), 60+size+size%2):]
		if _, b, found := bytes.Cut(member, []byte("\n!\n")); found && bytes.HasPrefix(b, []byte(goobjMagic)) {
			f(b)
		}
	}
}

// renameTypes does it in an object.
func renameTypes(b []byte, f func(string) string) {
	le := binary.LittleEndian
	offset := func(block int) uint32 { return le.Uint32(b[20+4*block:]) }
	i := uint32(0) // of a symbol
	for at := offset(blkSymdef); at+symSize <= offset(blkNonpkgdef+1); at += symSize {
		n, name := le.Uint32(b[at:]), le.Uint32(b[at+4:])
		if strings.HasPrefix(string(b[name:name+n]), typeNames) {
			index := b[offset(blkDataIndex)+4*i:]
			from, to := le.Uint32(index), le.Uint32(index[4:])
			renameType(b[offset(blkData)+from:offset(blkData)+to], f)
		}
		i++
	}
}

// renameType does it in the data of one symbol: flags, length, and text.
func renameType(data []byte, f func(string) string) {
	if len(data) < 2 || data[0]&nameHasMore != 0 {
		return
	}
	length, n := binary.Uvarint(data[1:])
	if n <= 0 || uint64(len(data)) != 1+uint64(n)+length {
		return
	}
	old := string(data[1+n:])
	now := f(old)
	if now == old || len(now) > len(old) {
		return
	}
	clear(data[1:])
	n = binary.PutUvarint(data[1:], uint64(len(now)))
	copy(data[1+n:], now)
}
