package fast

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// mangled gives the name that the linker gives a symbol of that name where
// programs load plugins. Source: typeSymbolMangle in cmd/link/internal/ld/lib.go;
// cmd/internal/hash.
func mangled(name string) string {
	isType := strings.HasPrefix(name, "type:")
	at := strings.Contains(name, "@")
	if !isType && !at || strings.HasPrefix(name, "type:runtime.") || strings.HasPrefix(name, "go:string.") || len(name) <= 14 && !at {
		return name
	}
	if isType {
		prefix := "type:"
		if name[5] == '.' {
			prefix = "type:."
		}
		return prefix + shortHash(name[5:])
	}
	i, j := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if j <= i {
		j = len(name)
	}
	return name[:i+1] + shortHash(name[i+1:j]) + name[j:]
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	sum[0] ^= 0xff
	return base64.StdEncoding.EncodeToString(sum[:6])
}

// isType tells a type's descriptor from others, and from functions of types.
func isType(name string) bool {
	return strings.HasPrefix(name, "type:") && !strings.HasPrefix(name, "type:.")
}

// Where things are in a descriptor. Source: internal/abi/type.go.
const (
	typePtrBytes = 8
	typeFlags    = 20
	typeKind     = 23
	typeGCData   = 32
	typeHeader   = 48 // here begins what a kind adds
	arrayElem    = typeHeader
	arrayLen     = typeHeader + 16
	structFields = typeHeader + 8
	fieldSize    = 24 // name, type, offset

	maskOnDemand  = 1 << 4
	kindMask      = 1<<5 - 1
	kindArray     = 17
	kindStruct    = 25
	kindUnsafePtr = 26

	mostPointerBytes = 1 << 20 // of a type; for a larger one no mask is made
)

// A descriptor is what a stub shows of a type: its own data, and a mask of the
// words that are pointers. The linker reads it to tell the garbage collector of
// variables. It would look up parts of arrays and structs by relocations, of
// which a stub has none; so they are shown as one word with a mask of all words.
// Source: GCProg.AddType in cmd/link/internal/ld/data.go, decodesym.go.
func (s space) descriptor(d dynamic) (data, mask []byte, err error) {
	if d.size < typeHeader {
		return nil, nil, errors.New("descriptor of a type: is too short")
	}
	if data, err = s.data(d.value, d.size); err != nil {
		return nil, nil, err
	}
	bytes := binary.LittleEndian.Uint64(data[typePtrBytes:])
	if bytes == 0 {
		return data, nil, nil
	}
	if bytes > mostPointerBytes {
		return nil, nil, fmt.Errorf("type with %d bytes of pointers: is too large", bytes)
	}
	mask = make([]byte, (bytes/8+7)/8)
	if err := s.markPointers(d.value, 0, mask); err != nil {
		return nil, nil, err
	}
	if k := data[typeKind] & kindMask; k == kindArray || k == kindStruct {
		data[typeKind] = kindUnsafePtr
	}
	data[typeFlags] &^= maskOnDemand
	return data, mask, nil
}

// markPointers sets in mask the bits of the pointers of a value at offset off
// whose type's descriptor is at address.
func (s space) markPointers(address, off uint64, mask []byte) error {
	t, err := s.data(address, typeHeader)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	bytes := le.Uint64(t[typePtrBytes:])
	switch kind := t[typeKind] & kindMask; {
	case bytes == 0:
		return nil
	case kind == kindArray:
		return s.markArray(address, off, mask)
	case kind == kindStruct:
		return s.markFields(address, off, mask)
	case t[typeFlags]&maskOnDemand != 0:
		return errors.New("descriptor of a type: has no mask")
	}
	bits, err := s.data(le.Uint64(t[typeGCData:]), (bytes/8+7)/8)
	if err != nil {
		return err
	}
	for i := uint64(0); i < bytes/8; i++ {
		if bits[i/8]>>(i%8)&1 == 0 {
			continue
		}
		w := off/8 + i
		if w/8 >= uint64(len(mask)) {
			return errors.New("descriptor of a type: a pointer lies outside")
		}
		mask[w/8] |= 1 << (w % 8)
	}
	return nil
}

func (s space) markArray(address, off uint64, mask []byte) error {
	elem, err := s.word(address + arrayElem)
	if err != nil {
		return err
	}
	n, err := s.word(address + arrayLen)
	if err != nil {
		return err
	}
	size, err := s.word(elem)
	if err != nil {
		return err
	}
	for i := uint64(0); i < n; i++ {
		if err := s.markPointers(elem, off+i*size, mask); err != nil {
			return err
		}
	}
	return nil
}

func (s space) markFields(address, off uint64, mask []byte) error {
	fields, err := s.fields(address)
	if err != nil {
		return err
	}
	for ; len(fields) > 0; fields = fields[fieldSize:] {
		typ, at := binary.LittleEndian.Uint64(fields[8:]), binary.LittleEndian.Uint64(fields[16:])
		if err := s.markPointers(typ, off+at, mask); err != nil {
			return err
		}
	}
	return nil
}

// fields reads the fields of the struct type at address.
func (s space) fields(address uint64) ([]byte, error) {
	at, err := s.word(address + structFields)
	if err != nil {
		return nil, err
	}
	n, err := s.word(address + structFields + 8)
	if err != nil || n > mostPointerBytes {
		return nil, errors.Join(err, errors.New("descriptor of a struct: is damaged"))
	}
	return s.data(at, n*fieldSize)
}

// nextModule gives the offset of the field next of runtime.moduledata, by which
// the runtime chains what it has loaded.
func (s space) nextModule() (uint64, error) {
	d, _, ok := s.lookup("type:runtime.moduledata")
	if !ok {
		return 0, errors.New("type runtime.moduledata: is missing")
	}
	fields, err := s.fields(d.value)
	if err != nil {
		return 0, err
	}
	for ; len(fields) > 0; fields = fields[fieldSize:] {
		name, err := s.data(binary.LittleEndian.Uint64(fields), 6) // flags, length, text
		if err == nil && name[1] == 4 && string(name[2:]) == "next" {
			return binary.LittleEndian.Uint64(fields[16:]), nil
		}
	}
	return 0, errors.New("type runtime.moduledata: has no field next")
}
